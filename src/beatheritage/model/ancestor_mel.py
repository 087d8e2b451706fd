"""How the ancestors hear a song: mel spectrograms, as each checkpoint's config says.

Two libraries made them (nnAudio and torchaudio); what differs are the mel scale, the norm of its
triangles, the padding at the ends and the logarithm. Shape suffixes: B rows, S samples, F frames,
M mel bands, Q bins of the Fourier transform.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """``slaney``: Slaney's mel scale with triangles of one area, else HTK's with triangles of one
    height. ``log``: the logarithm of one plus the power."""

    slaney: bool
    bands: int
    lowest_hz: float
    highest_hz: float
    padding: Literal["reflect", "constant"]
    log: bool
    sample_rate: int = 16_000
    window: int = 1024
    hop: int = 128


class MelFrontEnd(nn.Module):
    """Samples (B, S) to mel frames (B, F, M); frame k is centred on sample k times the hop."""

    filters_QM: Tensor
    window: Tensor

    def __init__(self, listening: Listening) -> None:
        super().__init__()
        self.listening = listening
        filters = torch.from_numpy(mel_filters(listening))
        self.register_buffer("filters_QM", filters, persistent=False)
        window = torch.hann_window(listening.window, device="cpu")
        self.register_buffer("window", window, persistent=False)

    def forward(self, samples_BS: Tensor) -> Tensor:
        # Powers span more than half precision can tell apart.
        with torch.autocast(samples_BS.device.type, enabled=False):
            return self._mel(samples_BS)

    def _mel(self, samples_BS: Tensor) -> Tensor:
        spectrum_BQF = torch.stft(
            samples_BS.float(),
            self.listening.window,
            self.listening.hop,
            window=self.window,
            pad_mode=self.listening.padding,
            return_complex=True,
        )
        mel_BFM = spectrum_BQF.abs().square().transpose(1, 2) @ self.filters_QM
        return mel_BFM.log1p() if self.listening.log else mel_BFM


def mel_filters(listening: Listening) -> np.ndarray:
    """Triangles on the mel scale, float32 (Q, M)."""
    bins_hz = np.linspace(0, listening.sample_rate / 2, listening.window // 2 + 1)
    to_mel, to_hz = (_slaney, _from_slaney) if listening.slaney else (_htk, _from_htk)
    low, high = to_mel(np.array([listening.lowest_hz, listening.highest_hz], np.float64))
    edges_hz = to_hz(np.linspace(low, high, listening.bands + 2))
    widths = np.diff(edges_hz)
    rising = (bins_hz[:, None] - edges_hz[:-2]) / widths[:-1]
    falling = (edges_hz[2:] - bins_hz[:, None]) / widths[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    if listening.slaney:
        triangles *= 2 / (edges_hz[2:] - edges_hz[:-2])
    return triangles.astype(np.float32)


def _htk(hz: np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + hz / 700)


def _from_htk(mel: np.ndarray) -> np.ndarray:
    return 700 * (10 ** (mel / 2595) - 1)


# Slaney's scale is linear up to 1000 Hz, then logarithmic: 27 steps to 6400 Hz.
_STEP = np.log(6.4) / 27


def _slaney(hz: np.ndarray) -> np.ndarray:
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) / _STEP)


def _from_slaney(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(_STEP * (mel - 15)))
