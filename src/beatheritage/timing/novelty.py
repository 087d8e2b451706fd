"""How suddenly a song gets louder, millisecond by millisecond.

An attack is the rise of a song's level, in seven bands, from just before a moment to just after it.
The milliseconds next to the moment weigh most: codecs smear a hard sound ahead of itself, and what
is heard of that must not count as its beginning. So it peaks at the moment itself, for a click as
for a drum, and its average over many beats places a beat to a fraction of a millisecond.
"""

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE

ATTACK_MS = 1.0
HOP = round(SAMPLE_RATE * ATTACK_MS / 1000)
WINDOW = 32  # samples: 2 ms, the shortest that still tells a kick from a hat
EDGES_HZ = (-1, 250, 750, 1250, 2250, 3250, 5250, 7750)  # between bins of 500 Hz
DECAY_MS = 8.0  # how fast a moment's surroundings lose weight with distance
EDGE_MS, EDGE_WEIGHT = 1.5, 4.0  # the same for its very edge, and how much more that counts
REACH = 40  # frames, to either side
RANGE_DB = 40.0  # how much quieter than the loudest band another may be and still count in full
LATENCY_MS = -0.8
"""Where an attack peaks against the first sample of a click: the middle of what clicks, tones,
noise and kicks give (tests/timing/test_novelty.py)."""
BLOCK = 1 << 14


def attacks(samples: np.ndarray) -> np.ndarray:
    """Attack strength of mono audio at ``SAMPLE_RATE``, float32 (frames,) of ``ATTACK_MS``."""
    levels = _band_levels(samples)
    loud = np.percentile(levels, 97, axis=0)
    loud = np.maximum(loud, loud.max() * 10 ** (-RANGE_DB / 20)) + 1e-9
    rise = _rise()
    strength = np.zeros(len(levels), np.float32)
    for band, reference in zip(levels.T, loud, strict=True):
        # A root lies between amplitudes, where kicks are all, and decibels, where noise is.
        loudness = np.pad(np.sqrt(band / reference), REACH, mode="edge")
        strength += np.maximum(np.convolve(loudness, rise[::-1], "valid"), 0)
    return strength


def _rise() -> np.ndarray:
    """How frames around a moment count for its attack: those after it for, those before against."""
    frames = np.arange(-REACH, REACH + 1)
    away = np.abs(frames) * ATTACK_MS
    return np.sign(frames) * (np.exp(-away / DECAY_MS) + EDGE_WEIGHT * np.exp(-away / EDGE_MS))


def _band_levels(samples: np.ndarray) -> np.ndarray:
    """Amplitudes, float32 (frames, bands); frame k is centred on sample ``k * HOP``."""
    padded = np.pad(samples.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    hz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    bands = (np.digitize(hz, EDGES_HZ)[:, None] == np.arange(1, len(EDGES_HZ))).astype(np.float32)
    levels = np.empty((len(frames), bands.shape[1]), np.float32)
    for start in range(0, len(frames), BLOCK):
        spectrum = np.fft.rfft(frames[start : start + BLOCK] * window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ bands
        levels[start : start + BLOCK] = np.sqrt(power)
    return levels
