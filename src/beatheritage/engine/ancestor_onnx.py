"""An ancestor's decoder on ONNX Runtime, step by step.

Keys and values lie where each step reads them, in memory that grows by pieces; a step gives back
the new ones alone.

Shape suffixes: R rows, T new tokens, N slots, W windows, P encoder positions, H heads, D width of a
head, C width, V vocabulary.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import onnxruntime

SLOTS = 64  # by which memory grows
AT_ONCE = 64  # tokens of a prompt: what attention needs for them stays small
ROPE_BASE = 10_000.0
KeysValues = tuple[np.ndarray, np.ndarray]
"""Keys and values (W, H, P, D) of one layer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecoderParts:
    """A step's graph with the weights that it names, and the tables that stand before it.

    ``table_VC`` are the tokens' vectors, ``positions_NC`` those of learned positions, where the
    model has no rotary ones.
    """

    model: bytes
    weights: Mapping[str, np.ndarray]
    table_VC: np.ndarray
    positions_NC: np.ndarray | None
    layers: int
    heads: int


class OnnxDecoder:
    def __init__(self, parts: DecoderParts) -> None:
        self.parts = replace(parts, model=b"", weights={})  # which the session has, packed
        self.session = open_session(parts.model, parts.weights)
        self.outputs = [output.name for output in self.session.get_outputs()]

    def start(self, song: Sequence[KeysValues], rows: int) -> "OnnxStepDecoding":
        """Begin rows: each in a window of its own, or all in the one there is."""
        return OnnxStepDecoding(self, song, rows)


@cache
def register_arena() -> None:
    """One arena for every session of the process. It grows by what it is asked for: the usual one
    doubles, and without any each layer's pages come new from the system, which costs more."""
    where = onnxruntime.OrtMemoryInfo(
        "Cpu",
        onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
        0,
        onnxruntime.OrtMemType.DEFAULT,
    )
    onnxruntime.create_and_register_allocator(
        where, onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1})
    )


def open_session(model: bytes, weights: Mapping[str, np.ndarray]) -> onnxruntime.InferenceSession:
    """A graph with the weights that it names, of which it has its own copies then."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.log_severity_level = 3
    register_arena()
    options.add_session_config_entry("session.use_env_allocators", "1")
    there = [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in weights.values()]
    options.add_external_initializers(list(weights), there)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def threads() -> int:
    """One for each core, or what OMP_NUM_THREADS says, as everywhere else."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdigit() and int(said) else os.cpu_count() or 1


class OnnxStepDecoding:
    """Rows over a cache that grows; prompts are padded on their left to one length."""

    def __init__(self, decoder: OnnxDecoder, song: Sequence[KeysValues], rows: int) -> None:
        self._decoder, self._rows = decoder, rows
        parts = decoder.parts
        width = parts.table_VC.shape[1]
        self._shape = (parts.heads, width // parts.heads)
        self._seen, self._slots = 0, 0
        self._padding_R = np.zeros(rows, np.int64)
        windows = len(song[0][0])
        self._feeds: dict[str, np.ndarray] = {
            "crossed": np.array([windows, -1, *self._shape]),
            "joined": np.array([rows, -1, width]),
        }
        for number, (keys, values) in enumerate(song):
            self._feeds |= {f"{number}.song_keys": keys, f"{number}.song_values": values}
        self._grow(1)

    def read(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Take tokens in, at first the prompts and then one for each row; logits (R, V)."""
        longest = max(len(row) for row in rows)
        tokens_RT = np.array([[0] * (longest - len(row)) + list(row) for row in rows])
        if not self._seen:
            self._padding_R = np.array([longest - len(row) for row in rows])
        parts = np.split(tokens_RT, range(AT_ONCE, longest, AT_ONCE), axis=1)
        return [self._read(part) for part in parts][-1]

    def _read(self, tokens_RT: np.ndarray) -> np.ndarray:
        end = self._seen + tokens_RT.shape[1]
        if end > self._slots:
            self._grow(end)
        feeds = self._feeds | self._inputs(tokens_RT)
        made = self._decoder.session.run(self._decoder.outputs, feeds)
        logits_RV, *fresh = (np.asarray(each) for each in made)
        for number in range(self._decoder.parts.layers):
            keys, values = fresh[2 * number : 2 * number + 2]
            self._feeds[f"{number}.past_keys"][:, :, self._seen : end] = keys
            self._feeds[f"{number}.past_values"][:, :, self._seen : end] = values
        self._seen = end
        return logits_RV

    def follow(self, rows: Sequence[int]) -> None:
        """Each row goes on from what the row that is named for it has read."""
        chosen = list(rows)
        for number in range(self._decoder.parts.layers):
            for name in (f"{number}.past_keys", f"{number}.past_values"):
                self._feeds[name] = self._feeds[name][chosen]
        self._padding_R = self._padding_R[chosen]

    def _grow(self, slots: int) -> None:
        """Make room for so many tokens, of which what is known stays."""
        old, self._slots = self._slots, -(-slots // SLOTS) * SLOTS
        heads, width = self._shape
        for number in range(self._decoder.parts.layers):
            for name in (f"{number}.past_keys", f"{number}.past_values"):
                grown = np.zeros((self._rows, heads, self._slots, width), np.float32)
                if old:
                    grown[:, :, :old] = self._feeds[name]
                self._feeds[name] = grown

    def _inputs(self, tokens_RT: np.ndarray) -> dict[str, np.ndarray]:
        parts, length = self._decoder.parts, tokens_RT.shape[1]
        slots_T = np.arange(self._seen, self._seen + length)
        places_RT = np.maximum(slots_T - self._padding_R[:, None], 0)
        hidden_RTC = parts.table_VC[tokens_RT].astype(np.float32, copy=False)
        if parts.positions_NC is not None:
            hidden_RTC = hidden_RTC + parts.positions_NC[places_RT]
        inputs = {
            "hidden": hidden_RTC,
            "bias": self._bias(slots_T),
            "parts": np.array([self._slots, length]),
        }
        return inputs if parts.positions_NC is not None else inputs | self._turns(places_RT)

    def _bias(self, slots_T: np.ndarray) -> np.ndarray:
        """0 for what a new token sees, -inf for the rest: (R, 1, T, N + T)."""
        slots_N = np.concatenate([np.arange(self._slots), slots_T])
        there_N = np.concatenate([np.arange(self._slots) < self._seen, slots_T >= 0])
        seen_RN = there_N & (slots_N >= self._padding_R[:, None])
        seen_RTN = seen_RN[:, None] & (slots_N <= slots_T[:, None])
        # Padding sees itself, so that it has something to look at.
        seen_RTN[:, np.arange(len(slots_T)), self._slots + np.arange(len(slots_T))] = True
        return np.where(seen_RTN, np.float32(0), np.float32(-np.inf))[:, None]

    def _turns(self, places_RT: np.ndarray) -> dict[str, np.ndarray]:
        half = self._shape[1] // 2
        speeds = np.float32(ROPE_BASE) ** (-np.arange(half, dtype=np.float32) / np.float32(half))
        turns = (places_RT[..., None].astype(np.float32) * speeds)[:, :, None]
        return {"cosine": np.cos(turns), "sine": np.sin(turns)}
