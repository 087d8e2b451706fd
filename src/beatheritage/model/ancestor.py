"""The mapper of Mapperatorinator V28 to V32 and BeatHeritage V1: one module for all of them.

An encoder over mel frames and a decoder over 10 ms tokens, both Whisper's (Radford et al. 2022).
What the three backbones do otherwise is in the config: learned positions or rotary ones (Su et al.
2021), layer norms or RMS norms. Queries, keys and values are always one matrix here, however the
checkpoint holds them.

Shape suffixes: B rows, S samples, F mel frames, P encoder positions (half the frames), T tokens,
N tokens seen, H heads, D width of a head, C width, V vocabulary, K conditions' width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from beatheritage.model.ancestor_cache import KeysValues, Remembers
from beatheritage.model.ancestor_mel import Listening, MelFrontEnd
from beatheritage.model.rotary import rotate

FEW_QUERIES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AncestorConfig:
    """Sizes, as the checkpoint states them.

    ``conditions`` are those of difficulty, mapper and position that the encoder is told.
    """

    listening: Listening
    rotary: bool
    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    hidden: int
    source_positions: int
    target_positions: int
    vocabulary_in: int
    vocabulary_out: int
    projects_mel: bool
    condition_width: int
    mappers: int
    conditions: tuple[str, ...]

    @property
    def window_samples(self) -> int:
        """How much audio one window hears."""
        return (2 * self.source_positions - 1) * self.listening.hop


class Told(NamedTuple):
    """What the encoder is told of each row, for models that have no tokens for it.

    ``stars`` (B,), ``mapper`` (B,) an index or -1, ``span`` (B, 2): where the window begins and
    ends, as shares of the song.
    """

    stars: Tensor
    mapper: Tensor
    span: Tensor


class Mapper(nn.Module):
    def __init__(self, config: AncestorConfig) -> None:
        super().__init__()
        self.config = config
        listening, width = config.listening, config.width
        told = {
            "difficulty": lambda: Difficulty(config.condition_width),
            "mapper": lambda: KnownMapper(config.mappers, config.condition_width),
            "position": lambda: SongPosition(config.condition_width),
        }
        self.listen = MelFrontEnd(listening)
        self.told = nn.ModuleDict({name: told[name]() for name in config.conditions})
        channels = listening.bands + len(config.conditions) * config.condition_width
        self.projection = nn.Linear(channels, width) if config.projects_mel else None
        self.encoder = Encoder(config, width if config.projects_mel else channels)
        self.decoder = Decoder(config)

    def encode(self, samples_BS: Tensor, told: Told) -> Tensor:
        """Audio and conditions to memory (B, P, C)."""
        return self.encoder(self.features(samples_BS, told))

    def features(self, samples_BS: Tensor, told: Told) -> Tensor:
        """Audio and conditions as the encoder takes them (B, F, K)."""
        mel_BFM = self.listen(samples_BS).to(self.encoder.conv1.weight.dtype)
        frames = mel_BFM.shape[1]
        conditions = [self.embed(name, told)[:, None].expand(-1, frames, -1) for name in self.told]
        features_BFK = torch.cat([mel_BFM, *conditions], dim=-1)
        return features_BFK if self.projection is None else self.projection(features_BFK)

    def embed(self, condition: str, told: Told) -> Tensor:
        """One condition as a vector (B, K)."""
        values = {"difficulty": told.stars, "mapper": told.mapper, "position": told.span}
        return self.told[condition](values[condition])


def filling(mapper: Mapper, tensor: Callable[[str], Tensor]) -> Callable[[nn.Module], None]:
    """What gives a module of a mapper without weights its own, and no other one's."""
    names = {id(module): name for name, module in mapper.named_modules()}

    def fill(module: nn.Module) -> None:
        for name, parameter in list(module.named_parameters(recurse=False)):
            if parameter.is_meta:
                path = f"{names[id(module)]}.{name}"
                setattr(module, name, nn.Parameter(tensor(path), requires_grad=False))

    return fill


class Encoder(nn.Module):
    def __init__(self, config: AncestorConfig, channels: int) -> None:
        super().__init__()
        width = config.width
        self.conv1 = nn.Conv1d(channels, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.positions = _positions(config, config.source_positions)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.encoder_layers))
        self.norm = _norm(config)

    def begin(self, features_BFK: Tensor) -> Tensor:
        """What the layers are given (B, P, C)."""
        hidden_BCF = F.gelu(self.conv1(features_BFK.transpose(1, 2)))
        hidden_BPC = F.gelu(self.conv2(hidden_BCF)).transpose(1, 2)
        return hidden_BPC if self.positions is None else hidden_BPC + self.positions

    def forward(self, features_BFK: Tensor) -> Tensor:
        hidden_BPC = self.begin(features_BFK)
        places_1P = torch.arange(hidden_BPC.shape[1], device=hidden_BPC.device)[None]
        for layer in self.layers:
            hidden_BPC = layer(hidden_BPC, Heard(places=places_1P))
        return self.norm(hidden_BPC)


class Decoder(nn.Module):
    def __init__(self, config: AncestorConfig) -> None:
        super().__init__()
        self.embedding = _embedding(config.vocabulary_in, config.width)
        self.positions = _positions(config, config.target_positions)
        self.layers = nn.ModuleList(
            Layer(config, crossed=True) for _ in range(config.decoder_layers)
        )
        self.norm = _norm(config)
        self.head = nn.Linear(config.width, config.vocabulary_out, bias=False)

    def hear(self, memory_BPC: Tensor) -> list[KeysValues]:
        """The keys and values of what was heard, once a window."""
        return [cast(Layer, layer).cross.remember(memory_BPC) for layer in self.layers]

    def forward(
        self,
        tokens_BT: Tensor,
        places_BT: Tensor,
        heard: Sequence[KeysValues],
        caches: Sequence[Remembers] | None = None,
        seen_BTN: Tensor | None = None,
    ) -> Tensor:
        """Hidden states (B, T, C) after each token, for ``head``; the caches take the tokens in.

        ``places`` number a row's tokens from 0, whatever padding stands before them; ``seen`` says
        which of past and new tokens each new one sees. Where it is None, a new token sees all those
        before it; several at once must then be the first.
        """
        hidden_BTC = self.embedding(tokens_BT)
        if self.positions is not None:
            hidden_BTC = hidden_BTC + self.positions[places_BT]
        for index, layer in enumerate(self.layers):
            context = Heard(
                places=places_BT,
                seen=seen_BTN,
                causal=seen_BTN is None and tokens_BT.shape[1] > 1,
                cache=caches[index] if caches else None,
                song=heard[index],
            )
            hidden_BTC = layer(hidden_BTC, context)
        return self.norm(hidden_BTC)


class Heard(NamedTuple):
    """What a layer looks at besides its input."""

    places: Tensor
    seen: Tensor | None = None
    causal: bool = False
    cache: Remembers | None = None
    song: KeysValues | None = None


class Layer(nn.Module):
    """A block with its norms in front (pre-norm)."""

    def __init__(self, config: AncestorConfig, *, crossed: bool = False) -> None:
        super().__init__()
        self.attention = SelfAttention(config)
        self.attention_norm = _norm(config)
        if crossed:
            self.cross = CrossAttention(config)
            self.cross_norm = _norm(config)
        self.fc1 = nn.Linear(config.width, config.hidden)
        self.fc2 = nn.Linear(config.hidden, config.width)
        self.norm = _norm(config)

    def forward(self, hidden_BTC: Tensor, heard: Heard) -> Tensor:
        hidden_BTC = hidden_BTC + self.attention(self.attention_norm(hidden_BTC), heard)
        if heard.song is not None:
            hidden_BTC = hidden_BTC + self.cross(self.cross_norm(hidden_BTC), heard.song)
        return hidden_BTC + self.fc2(F.gelu(self.fc1(self.norm(hidden_BTC))))


class SelfAttention(nn.Module):
    def __init__(self, config: AncestorConfig) -> None:
        super().__init__()
        self.heads, self.rotary = config.heads, config.rotary
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)

    def forward(self, hidden_BTC: Tensor, heard: Heard) -> Tensor:
        queries, keys, values = _split(self.qkv(hidden_BTC), 3, self.heads)
        if self.rotary:
            queries, keys = rotate(queries, heard.places), rotate(keys, heard.places)
        if heard.cache is not None:
            keys, values = heard.cache.append(keys, values)
        mask = None if heard.seen is None else heard.seen[:, None]
        return self.out(_join(_attend(queries, (keys, values), mask, causal=heard.causal)))


class CrossAttention(nn.Module):
    def __init__(self, config: AncestorConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.q = nn.Linear(config.width, config.width)
        self.kv = nn.Linear(config.width, 2 * config.width)
        self.out = nn.Linear(config.width, config.width)

    def remember(self, memory_BPC: Tensor) -> KeysValues:
        keys, values = _split(self.kv(memory_BPC), 2, self.heads)
        return keys.contiguous(), values.contiguous()

    def forward(self, hidden_BTC: Tensor, song: KeysValues) -> Tensor:
        """Rows that hear one and the same window, of which there is one in ``song``, look at it as
        tokens of one row would: it is read once."""
        rows, tokens, _ = hidden_BTC.shape
        if len(song[0]) < rows:
            hidden_BTC = hidden_BTC.reshape(1, rows * tokens, -1)
        (queries,) = _split(self.q(hidden_BTC), 1, self.heads)
        return self.out(_join(_attend(queries, song))).view(rows, tokens, -1)


class Bumps(nn.Module):
    """A number in 0 to 1 as how near it is to each of several places (radial basis functions)."""

    def __init__(self, count: int, width: float = 0.1) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.tensor([number / (count - 1) for number in range(count)]))
        self.widths = nn.Parameter(torch.full((count,), width))

    def forward(self, values_B: Tensor) -> Tensor:
        away = values_B[..., None] - self.centres
        return torch.exp(-away.square() / (2 * self.widths.square()))


class Difficulty(nn.Module):
    STARS = 10  # what stands for 1

    def __init__(self, width: int) -> None:
        super().__init__()
        self.bumps = Bumps(8)
        self.project = _two_layers(8, width, width)

    def forward(self, stars_B: Tensor) -> Tensor:
        return self.project(self.bumps(stars_B / self.STARS))


class SongPosition(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.bumps = Bumps(10)
        self.project = _two_layers(20, 2 * width, width)

    def forward(self, span_B2: Tensor) -> Tensor:
        return self.project(self.bumps(span_B2).flatten(1))


class KnownMapper(nn.Module):
    """A mapper by index; -1, and whatever is out of range, is one that isn't known."""

    def __init__(self, mappers: int, width: int) -> None:
        super().__init__()
        self.unknown = mappers
        self.embedding = _embedding(mappers + 1, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, mapper_B: Tensor) -> Tensor:
        known = (mapper_B >= 0) & (mapper_B < self.unknown)
        return self.norm(self.embedding(torch.where(known, mapper_B, self.unknown)))


def _two_layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    # Numbered as in the checkpoints, where a dropout stands between.
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.LayerNorm(hidden),
        nn.ReLU(),
        nn.Identity(),
        nn.Linear(hidden, outputs),
        nn.LayerNorm(outputs),
    )


def _embedding(count: int, width: int) -> nn.Embedding:
    # A checkpoint fills it, or who trains it. To draw first numbers on the device that has sizes
    # alone, torch would load 70 MB of itself.
    return nn.Embedding.from_pretrained(torch.empty(count, width), freeze=False)


def _positions(config: AncestorConfig, count: int) -> nn.Parameter | None:
    return None if config.rotary else nn.Parameter(torch.zeros(count, config.width))


def _norm(config: AncestorConfig) -> nn.Module:
    # The rotary backbones leave the RMS norm's epsilon to torch: that of the number format.
    return nn.RMSNorm(config.width) if config.rotary else nn.LayerNorm(config.width)


def _split(joined_BTC: Tensor, parts: int, heads: int) -> tuple[Tensor, ...]:
    """A projection's output as heads (B, H, T, D) of each of its parts."""
    rows, tokens, _ = joined_BTC.shape
    return joined_BTC.view(rows, tokens, parts, heads, -1).permute(2, 0, 3, 1, 4).unbind(0)


def _attend(
    queries_BHTD: Tensor, there: KeysValues, mask: Tensor | None = None, *, causal: bool = False
) -> Tensor:
    keys, values = there
    if causal or queries_BHTD.shape[2] > FEW_QUERIES:
        return F.scaled_dot_product_attention(
            queries_BHTD, keys, values, attn_mask=mask, is_causal=causal
        )
    # For the tokens of one step plain products take two thirds of the fused kernel's time.
    scores = (queries_BHTD * queries_BHTD.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return scores.softmax(-1) @ values


def _join(heads_BHTD: Tensor) -> Tensor:
    return heads_BHTD.transpose(1, 2).flatten(2)
