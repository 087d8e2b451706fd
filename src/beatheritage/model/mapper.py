"""The native mapper: an encoder that listens along the beats, a decoder that writes.

Shapes: B batch, P positions of the encoder (12 a beat), N ticks a beat (48), T tokens, D width,
C conditions, V vocabulary, H heads.

The decoder always knows where in the song it stands, so it need not search the encoder's memory: it
is handed the memory of that place and what the encoder expects right behind it. When the next token
is a time, the encoder's onset probabilities are turned into the odds of every tick being the next
onset, and the decoder writes only its corrections to them. What the encoder knows is never lost to
sampling.

It answers twice: at a glance, by the place alone, and with all that was written before in view.
When it writes, the second answer is heeded in part (``MapperConfig.shares``), since it was learned
behind people's objects: behind the model's own, each slip would carry the next ones on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POSITIONS_PER_BEAT = 12
TICKS_PER_BEAT = 48
TICKS_PER_POSITION = TICKS_PER_BEAT // POSITIONS_PER_BEAT
AHEAD = 24  # positions of onset odds, two beats, that the decoder sees in front of it
MOST_METER = 8
HIDDEN = -1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperConfig:
    vocabulary: int
    beat_token: int  # its successors are the ticks of a beat
    conditions: int
    patch: int  # mel values around a position
    width: int = 160
    heads: int = 5
    dilations: tuple[int, ...] = (1, 2, 4, 12, 24, 48)
    layers: int = 4
    shares: tuple[tuple[int, int, float], ...] = ()
    """How much the decoder heeds, when it writes, what was written before: first and last id (not
    included) and share, from 0 (at a glance) to 1; 1 for what is not named."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """A config out of JSON, which knows no tuples."""
        shares = tuple((first, last, share) for first, last, share in stored["shares"])
        return cls(**{**stored, "dilations": tuple(stored["dilations"]), "shares": shares})


class GatedConvolution(nn.Module):
    """A residual dilated convolution along positions, gated (GLU, Dauphin et al. 2017)."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Conv1d(width, 2 * width, 3, padding=dilation, dilation=dilation)
        self.outer = nn.Linear(width, width)

    def forward(self, x_BPD: Tensor, condition_BD: Tensor) -> Tensor:
        hidden = self.norm(x_BPD) + condition_BD[:, None]
        value, gate = self.inner(hidden.transpose(1, 2)).transpose(1, 2).chunk(2, -1)
        return x_BPD + self.outer(value * torch.sigmoid(gate))


class Encoder(nn.Module):
    """Listens to the mel frames around every twelfth of a beat."""

    def __init__(self, config: MapperConfig) -> None:
        super().__init__()
        width = config.width
        self.patch = nn.Linear(config.patch, width)
        self.silence = nn.Parameter(torch.zeros(width))  # stands in where there is no audio
        self.phase = nn.Embedding(MOST_METER * POSITIONS_PER_BEAT, width)
        self.tempo = nn.Linear(2, width)
        self.condition = nn.Linear(config.conditions, width)
        self.layers = nn.ModuleList(GatedConvolution(width, each) for each in config.dilations)
        self.per_layer = nn.Linear(width, width * len(config.dilations))
        self.norm = nn.LayerNorm(width)
        self.onset = nn.Linear(width, TICKS_PER_POSITION)
        self.kiai = nn.Linear(width, 1)
        nn.init.constant_(self.onset.bias, -3.0)

    def forward(
        self,
        patch_BPM: Tensor,
        phase_BP: Tensor,
        tempo_BP: Tensor,
        heard_B: Tensor,
        cond_BC: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Memory (B, P, D), onset logits a tick (B, P * 4), kiai logits (B, P).

        ``phase`` is beat of the bar times 12 plus position; ``tempo`` log2 of beats a second;
        ``heard`` is 0 where the song itself is missing.
        """
        condition_BD = self.condition(cond_BC)
        heard = heard_B[:, None, None]
        x = self.patch(patch_BPM) * heard + self.silence * (1 - heard)
        tempo = torch.stack([tempo_BP - 1, (tempo_BP - 1) ** 2], -1)
        x = x + self.phase(phase_BP) + self.tempo(tempo) + condition_BD[:, None]
        biases = self.per_layer(F.gelu(condition_BD)).chunk(len(self.layers), -1)
        for layer, bias in zip(self.layers, biases, strict=True):
            x = layer(x, bias)
        memory = self.norm(x)
        return memory, self.onset(memory).flatten(1), self.kiai(memory).squeeze(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a run of tokens sees, the same for all layers.

    ``cosine`` and ``sine`` (B, 1, T, E / 2) turn queries and keys; ``mask`` (T, S + T) is added to
    the scores, S slots of earlier tokens first, then the tokens themselves.
    """

    cosine: Tensor
    sine: Tensor
    mask: Tensor


Past = tuple[Tensor, Tensor]
"""Keys and values (B, H, S, E) of earlier tokens; slots beyond those seen are masked."""


class Attention(nn.Module):
    """Causal self-attention, half of each head turned by token order, half by musical time."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x_BTD: Tensor, sight: Sight, past: Past | None) -> tuple[Tensor, Past]:
        batch, tokens, width = x_BTD.shape
        shape = (batch, tokens, self.heads, width // self.heads)
        parts = (part.view(shape).transpose(1, 2) for part in self.project(x_BTD).chunk(3, -1))
        query, key, value = parts
        query, key = rotate(query, sight), rotate(key, sight)
        if past is None:
            mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            mixed = attend_with_past(query, (key, value), past, sight.mask)
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, width)), (key, value)


def attend_with_past(query: Tensor, new: Past, past: Past, mask: Tensor) -> Tensor:
    """Attention over slots of earlier tokens and over new ones, without copying the slots."""
    count = query.shape[2]
    scores = torch.cat([query @ keys.transpose(2, 3) for keys in (past[0], new[0])], -1)
    weights = torch.softmax(scores * query.shape[3] ** -0.5 + mask, -1)
    return weights[..., :-count] @ past[1] + weights[..., -count:] @ new[1]


def rotate(x_BHTE: Tensor, sight: Sight) -> Tensor:
    """Rotary positions: pairs of the last axis, turned."""
    cosine, sine = sight.cosine, sight.sine
    first, second = x_BHTE.chunk(2, -1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)


class DecoderLayer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm = nn.LayerNorm(width)
        self.grow = nn.Linear(width, 4 * width)
        self.shrink = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, sight: Sight, past: Past | None) -> tuple[Tensor, Past]:
        mixed, new = self.attention(self.attention_norm(x), sight, past)
        x = x + mixed
        return x + self.shrink(F.gelu(self.grow(self.norm(x)))), new


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Tokens, and where each leaves the writer standing.

    ``ticks`` count from the memory's first position; ``floors`` (0 to 48) is the first tick of the
    current beat where an object may start.
    """

    tokens_BT: Tensor
    ticks_BT: Tensor
    floors_BT: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the encoder made of the song, N ticks long, and what it was told."""

    memory_BPD: Tensor
    onsets_BN: Tensor
    condition_BC: Tensor


class Decoder(nn.Module):
    """Writes tokens, one after another, at known places."""

    def __init__(self, config: MapperConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.token = nn.Embedding(config.vocabulary, width)
        self.tick = nn.Embedding(TICKS_PER_BEAT, width)
        self.memory = nn.Linear(width, width)
        self.ahead = nn.Linear(AHEAD, width)
        self.floor = nn.Linear(1, width)
        self.condition = nn.Linear(config.conditions, width)
        self.layers = nn.ModuleList(DecoderLayer(width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, config.vocabulary)
        answer = nn.Linear(2 * width, config.vocabulary)
        self.glance = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), answer
        )
        nn.init.normal_(self.token.weight, std=0.5)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(answer.weight)
        pairs = width // config.heads // 2
        order = 0.5 * 0.02 ** torch.linspace(0, 1, pairs // 2)
        time = 2 * torch.pi / 48 * 12 * (1 / 256) ** torch.linspace(0, 1, pairs - pairs // 2)
        self.order_speed: Tensor
        self.time_speed: Tensor
        self.register_buffer("order_speed", order, persistent=False)
        self.register_buffer("time_speed", time, persistent=False)
        self.share_V: Tensor
        self.register_buffer("share_V", _shares(config), persistent=False)

    def forward(
        self,
        written: Written,
        heard: Heard,
        past: Sequence[Past] | None = None,
        seen: Tensor | None = None,
    ) -> tuple[Tensor, list[Past]]:
        """Logits (B, T, V) of what follows each token, and these tokens' keys and values a layer.

        ``past`` holds the keys and values of earlier tokens, of whose slots the first ``seen`` (a
        whole number) are filled. The logits are what it writes by: both answers, by their shares.
        """
        full_BTV, glance_BTV, new = self.answers(written, heard, past, seen)
        odds = self._odds(written, heard.onsets_BN)
        logits_BTV = glance_BTV + self.share_V * (full_BTV - glance_BTV)
        return self._add_odds(logits_BTV, full_BTV, odds), new

    def learn(self, written: Written, heard: Heard) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) with all before in view, and at a glance: what training grades."""
        full_BTV, glance_BTV, _ = self.answers(written, heard, None, None)
        odds = self._odds(written, heard.onsets_BN)
        full_BTV = self._add_odds(full_BTV, full_BTV, odds)
        return full_BTV, self._add_odds(glance_BTV, glance_BTV, odds)

    def at_a_glance(self, place_BTD: Tensor, written: Written, heard: Heard) -> Tensor:
        """The second of these alone, from what ``place`` gave."""
        logits_BTV = self.glance(place_BTD)
        return self._add_odds(logits_BTV, logits_BTV, self._odds(written, heard.onsets_BN))

    def answers(
        self,
        written: Written,
        heard: Heard,
        past: Sequence[Past] | None,
        seen: Tensor | None,
    ) -> tuple[Tensor, Tensor, list[Past]]:
        """Both answers, without the onsets' odds, and the keys and values; as ``forward``."""
        x = self.place(written, heard)
        glance_BTV = self.glance(x)
        slots = past[0][0].shape[2] if past is not None else 0
        sight = self._sight(written.ticks_BT, slots, seen)
        new: list[Past] = []
        for index, layer in enumerate(self.layers):
            x, kept = layer(x, sight, past[index] if past is not None else None)
            new.append(kept)
        return self.out(self.norm(x)), glance_BTV, new

    def place(self, written: Written, heard: Heard) -> Tensor:
        """Each token, and what is known of the place where it leaves the writer (B, T, D)."""
        position_BT = written.ticks_BT // TICKS_PER_POSITION
        width = heard.memory_BPD.shape[-1]
        here = torch.gather(heard.memory_BPD, 1, position_BT[..., None].expand(-1, -1, width))
        return (
            self.token(written.tokens_BT)
            + self.tick(written.ticks_BT % TICKS_PER_BEAT)
            + self.memory(here)
            + self.ahead(self._ahead(heard.onsets_BN, position_BT))
            + self.floor(written.floors_BT[..., None] / TICKS_PER_BEAT)
            + self.condition(heard.condition_BC)[:, None]
        )

    def _sight(self, ticks_BT: Tensor, slots: int, seen: Tensor | None) -> Sight:
        count = ticks_BT.shape[1]
        order_T = torch.arange(count, device=ticks_BT.device)
        future = (order_T[:, None] < order_T).float() * HIDDEN
        if seen is not None:
            empty = (torch.arange(slots, device=ticks_BT.device) >= seen).float() * HIDDEN
            future = torch.cat([empty.expand(count, -1), future], 1)
            order_T = order_T + seen
        by_order = (order_T[None, :, None] * self.order_speed).expand(len(ticks_BT), -1, -1)
        by_time = ticks_BT[..., None] * self.time_speed
        angle = torch.cat([by_order, by_time], -1)[:, None]
        return Sight(cosine=angle.cos(), sine=angle.sin(), mask=future)

    def _ahead(self, onsets_BN: Tensor, position_BT: Tensor) -> Tensor:
        """How likely an onset is at each of the next positions (B, T, AHEAD)."""
        odds_BPN = torch.sigmoid(onsets_BN).unflatten(1, (-1, TICKS_PER_POSITION))
        likely_BP = F.pad(odds_BPN.amax(-1), (0, AHEAD))
        places = position_BT[..., None] + torch.arange(AHEAD, device=position_BT.device)
        return torch.gather(likely_BP, 1, places.flatten(1)).view(places.shape)

    def _odds(self, written: Written, onsets_BN: Tensor) -> Tensor:
        """Log-odds, by the encoder's onsets alone, of no tick and of each tick being next."""
        ticks_BT, floors_BT = written.ticks_BT, written.floors_BT
        inside = torch.arange(TICKS_PER_BEAT, device=ticks_BT.device)
        beat_BT1 = (ticks_BT // TICKS_PER_BEAT * TICKS_PER_BEAT)[..., None]
        onset_BTN = torch.gather(onsets_BN, 1, (beat_BT1 + inside).flatten(1)).view(
            *ticks_BT.shape, TICKS_PER_BEAT
        )
        open_BTN = inside >= floors_BT[..., None]
        # log(sigmoid), written so that ONNX Runtime is exact about unlikely ticks too.
        missed_BTN = torch.where(open_BTN, -F.softplus(onset_BTN), 0.0)
        before_BTN = missed_BTN.cumsum(-1) - missed_BTN
        tick_BTN = torch.where(open_BTN, -F.softplus(-onset_BTN) + before_BTN, -20.0)
        return torch.cat([missed_BTN.sum(-1, keepdim=True), tick_BTN], -1)

    def _add_odds(self, logits_BTV: Tensor, full_BTV: Tensor, odds: Tensor) -> Tensor:
        """Add the onsets' odds to what the logits say of time.

        Against what is not time, time stays as likely as ``full_BTV`` has it.
        """
        time = slice(self.config.beat_token, self.config.beat_token + odds.shape[-1])
        weighed, full = odds + logits_BTV[..., time], odds + full_BTV[..., time]
        mass = full.logsumexp(-1, keepdim=True) - weighed.logsumexp(-1, keepdim=True)
        before, behind = logits_BTV[..., : time.start], logits_BTV[..., time.stop :]
        return torch.cat([before, weighed + mass, behind], -1)


def _shares(config: MapperConfig) -> Tensor:
    share_V = torch.ones(config.vocabulary)
    for first, last, share in config.shares:
        share_V[first:last] = share
    return share_V


class Mapper(nn.Module):
    def __init__(self, config: MapperConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
