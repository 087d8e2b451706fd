"""Log-mel spectrograms, and the only home of rates.

Everything that listens hears 16 kHz mono: training audio ends at 8 kHz, so what users bring must
end there too.
"""

from functools import cache

import numpy as np

SAMPLE_RATE = 16_000
HOP = 64  # samples: 4 ms
WINDOW = 512  # samples: 32 ms
BANDS = 48
FRAME_MS = 1000 * HOP / SAMPLE_RATE
TOP_HZ = 7_600  # resamplers and codecs roll off above
FLOOR = 4.0  # how far below the loud parts a band still counts, in units of 20 dB


@cache
def mel_filters() -> np.ndarray:
    """Triangles on the mel scale (Slaney's), area-normalised, float32 (bands, bins)."""

    def to_mel(hz: np.ndarray | float) -> np.ndarray:
        hz = np.asarray(hz, np.float64)
        return np.where(
            hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) * 27 / np.log(6.4)
        )

    def to_hz(mel: np.ndarray) -> np.ndarray:
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    edges = to_hz(np.linspace(to_mel(30), to_mel(TOP_HZ), BANDS + 2))
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    # The lowest triangles are narrower than a bin: give each at least its nearest bin.
    for band in np.flatnonzero(triangles.sum(1) == 0):
        triangles[band, np.argmin(np.abs(bins - edges[band + 1]))] = 1
    return (triangles / triangles.sum(1, keepdims=True)).astype(np.float32)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-mel of mono audio at ``SAMPLE_RATE``, float32 (frames, bands), 0 near the loud parts.

    Frame k is centred on sample ``k * HOP``. Levels are relative to the song's own 95th percentile,
    in units of 20 dB, so that gain changes nothing.
    """
    padded = np.pad(samples.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    blocks = []
    for start in range(0, len(frames), 4096):
        spectrum = np.fft.rfft(frames[start : start + 4096] * window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        blocks.append(np.log10(power @ mel_filters().T + 1e-10) / 2)
    levels = np.concatenate(blocks)
    return np.maximum(levels - np.percentile(levels, 95), -FLOOR).astype(np.float32)
