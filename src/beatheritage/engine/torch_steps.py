"""Steps of an ancestor's decoder on torch: rows of tokens that are being written.

Shape suffixes: R rows, T tokens, N slots of a cache, C width, V vocabulary.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from beatheritage.model.ancestor import Decoder
from beatheritage.model.ancestor_cache import Cache, KeysValues

WARM_UPS = 3


class TorchStepDecoding:
    """Rows over a cache that grows; prompts are padded on their left to one length."""

    def __init__(
        self, decoder: Decoder, song: list[KeysValues], device: str, *, in_place: bool
    ) -> None:
        self._decoder = decoder
        self._song = song
        self._device = device
        self._in_place = in_place
        self._caches = [Cache() for _ in song]
        self._padding: Tensor | None = None
        self._step: FixedStep | None = None

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        longest = max(len(row) for row in rows)
        padded = [[0] * (longest - len(row)) + list(row) for row in rows]
        tokens_RT = torch.tensor(padded, device=self._device)
        if self._padding is None:
            self._padding = torch.tensor([longest - len(row) for row in rows], device=self._device)
        elif self._in_place and longest == 1:
            return self._one_more(tokens_RT, self._padding).float().cpu().numpy()
        seen = self._caches[0].seen
        slots_T = torch.arange(seen, seen + longest, device=self._device)
        places_RT = (slots_T - self._padding[:, None]).clamp(min=0)
        seen_RTN = _seen(slots_T, self._padding)
        hidden_RTC = self._decoder(tokens_RT, places_RT, self._song, self._caches, seen_RTN)
        return self._decoder.head(hidden_RTC[:, -1]).float().cpu().numpy()

    @torch.inference_mode()
    def follow(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(rows, device=self._device)
        for cache in self._caches:
            cache.follow(chosen)
        if self._padding is not None:
            self._padding = self._padding[chosen]

    def _one_more(self, tokens_R1: Tensor, padding_R: Tensor) -> Tensor:
        slots = [cache.with_room(1) for cache in self._caches]
        if self._step is None or self._step.slots[0] is not slots[0]:
            self._step = FixedStep(self._decoder, self._song, slots)
        logits_RV = self._step(tokens_R1, self._caches[0].seen, padding_R)
        for cache in self._caches:
            cache.seen += 1
        return logits_RV


def _seen(slots_T: Tensor, padding_R: Tensor) -> Tensor | None:
    """What new tokens see; None where nothing is padded, for then nothing has to be masked."""
    if not padding_R.any():
        return None
    slots_N = torch.arange(int(slots_T[-1]) + 1, device=slots_T.device)
    before_TN = slots_N <= slots_T[:, None]
    there_RN = slots_N >= padding_R[:, None]
    # Padding sees itself, so that it has something to look at.
    itself_TN = slots_N == slots_T[:, None]
    return (before_TN & there_RN[:, None]) | itself_TN


class FixedStep:
    """One token for each row, over memory that stays where it is; what is given is overwritten by
    the next call.

    Such a step is hundreds of kernels, and to launch them one by one takes a GPU's host longer than
    the GPU takes for them. Recorded, they are launched as one.
    """

    def __init__(
        self, decoder: Decoder, song: Sequence[KeysValues], slots: Sequence[KeysValues]
    ) -> None:
        self.slots = slots
        keys = slots[0][0]
        whole = {"dtype": torch.long, "device": keys.device}
        self._decoder, self._song = decoder, song
        self._tokens_R1 = torch.zeros(len(keys), 1, **whole)
        self._padding_R = torch.zeros(len(keys), **whole)
        self._slot_1 = torch.zeros(1, **whole)
        self._slots_N = torch.arange(keys.shape[2], **whole)
        self._caches = [FixedSlots(each, self._slot_1) for each in slots]
        self._play: Callable[[], Tensor] | None = None

    def __call__(self, tokens_R1: Tensor, slot: int, padding_R: Tensor) -> Tensor:
        """Logits (R, V) after tokens that go into a slot."""
        self._tokens_R1.copy_(tokens_R1)
        self._padding_R.copy_(padding_R)
        self._slot_1.fill_(slot)
        if self._play is None:
            self._play = recorded(self._run, self._slot_1.device)
        return self._play()

    def _run(self) -> Tensor:
        before_RN = self._slots_N >= self._padding_R[:, None]
        seen_RN = (self._slots_N <= self._slot_1) & before_RN
        places_R1 = (self._slot_1 - self._padding_R)[:, None]
        hidden_R1C = self._decoder(
            self._tokens_R1, places_R1, self._song, self._caches, seen_RN[:, None]
        )
        return self._decoder.head(hidden_R1C[:, -1])


class FixedSlots:
    """Keys and values of one layer: what is new goes into the slot that ``slot_1`` tells, and all
    slots are given, those too that hold nothing yet."""

    def __init__(self, slots: KeysValues, slot_1: Tensor) -> None:
        self._slots, self._slot_1 = slots, slot_1

    def append(self, keys: Tensor, values: Tensor) -> KeysValues:
        for slots, new in zip(self._slots, (keys, values), strict=True):
            slots.index_copy_(2, self._slot_1, new)
        return self._slots


def recorded(step: Callable[[], Tensor], device: torch.device) -> Callable[[], Tensor]:
    """A step that may be taken several times over, on an NVIDIA GPU as a CUDA graph."""
    if device.type != "cuda":
        return step
    with torch.cuda.device(device):
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(here)
        with torch.cuda.stream(aside):  # where libraries set themselves up, which can't be recorded
            for _ in range(WARM_UPS):
                step()
        here.wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            given = step()

    def play() -> Tensor:
        graph.replay()
        return given

    return play
