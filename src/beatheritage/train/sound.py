"""Songs that sound otherwise: samples played faster, tuned, louder."""

from dataclasses import dataclass

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE

FRAME, HOP = 1024, 256  # of the phase vocoder
LEAST_CHANGE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """How a window may sound otherwise: up to the share ``tempo`` faster or slower, up to ``pitch``
    semitones higher or lower, ``gain`` dB (deviation) louder or softer, up to ``offset`` ms early
    or late."""

    tempo: float = 0.0
    pitch: float = 0.0
    gain: float = 0.0
    offset: float = 0.0


def cut(samples: np.ndarray, start: float, count: int, speed: float = 1.0) -> np.ndarray:
    """``count`` samples from ``start`` ms on, the song played at so many times its speed, as a turn
    of the knob would: its pitch goes along. Silence beyond its ends; int16 in, float32 out."""
    places = start * SAMPLE_RATE / 1000 + np.arange(count) * speed
    low = np.floor(places).astype(np.int64)
    inside = (low >= 0) & (low < len(samples) - 1)
    first, last = np.clip([low[0], low[-1] + 1], 0, max(len(samples) - 1, 0))
    piece = np.asarray(samples[first : last + 1], np.float32) / 32_767
    at = np.clip(low - first, 0, max(len(piece) - 2, 0))
    part = (places - low).astype(np.float32)
    if len(piece) < 2:
        return np.zeros(count, np.float32)
    return np.where(inside, piece[at] * (1 - part) + piece[at + 1] * part, 0).astype(np.float32)


def tuned(samples: np.ndarray, semitones: float) -> np.ndarray:
    """The same music so many semitones higher, no faster: stretched by a phase vocoder (Flanagan
    and Golden 1966), then played faster by as much."""
    ratio = 2 ** (semitones / 12)
    if abs(ratio - 1) < LEAST_CHANGE:
        return samples
    stretched = _stretched(samples, ratio)
    places = np.arange(len(samples)) * ratio
    return np.interp(places, np.arange(len(stretched)), stretched).astype(np.float32)


def _stretched(samples: np.ndarray, ratio: float) -> np.ndarray:
    """So many times as long, at the same pitch."""
    window = np.hanning(FRAME + 1)[:-1]
    padded = np.pad(samples, (FRAME // 2, 2 * FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    spectra = np.fft.rfft(frames * window, axis=1)
    places = np.arange(0, len(spectra) - 2, 1 / ratio)
    low = places.astype(np.int64)
    part = (places - low)[:, None]
    sizes = np.abs(spectra[low]) * (1 - part) + np.abs(spectra[low + 1]) * part
    turns = np.angle(spectra[low + 1] / (spectra[low] + 1e-9))
    phases = np.angle(spectra[0]) + np.concatenate(
        [np.zeros((1, turns.shape[1])), np.cumsum(turns, 0)[:-1]]
    )
    made = np.fft.irfft(sizes * np.exp(1j * phases), FRAME, axis=1) * window
    total = np.zeros(len(places) * HOP + FRAME)
    weight = np.full(len(total), 1e-6)
    for index, frame in enumerate(made):
        total[index * HOP :][:FRAME] += frame
        weight[index * HOP :][:FRAME] += window**2
    return (total / np.maximum(weight, 0.1))[FRAME // 2 :]
