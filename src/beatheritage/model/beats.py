"""The beat head: from a log-mel to how sure it is, frame by frame, of a beat and of a downbeat.

It decides what signal processing gets wrong (which of two tempos, which sixteenth is the beat,
which beat is the bar) and leaves the milliseconds to it, so it may look at 16 ms frames.

Shapes: B songs or crops, T log-mel frames of 4 ms, F bands, S output frames of 16 ms, C channels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

STRIDE = 4  # log-mel frames to an output frame
OUTPUTS = 2  # beat, downbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatHeadConfig:
    """``layers`` dilations double from 1, so nine of them look 8 s to either side."""

    bands: int = 48
    channels: int = 64
    layers: int = 9


class GatedLayer(nn.Module):
    """A dilated convolution with a gate, added to what it was given (as in WaveNet)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.dilated = nn.Conv1d(channels, 2 * channels, 3, dilation=dilation, padding=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)

    def forward(self, hidden_BCS: Tensor) -> Tensor:
        signal, gate = self.dilated(self.norm(hidden_BCS)).chunk(2, dim=1)
        return hidden_BCS + self.mix(torch.tanh(signal) * torch.sigmoid(gate))


class BeatHead(nn.Module):
    """Log-mel (B, T, F) to logits (B, S, 2); output frame s is centred on log-mel frame 4 s."""

    def __init__(self, config: BeatHeadConfig) -> None:
        super().__init__()
        self.config = config
        self.first = nn.Conv1d(config.bands, config.channels, 5, stride=2, padding=2)
        self.second = nn.Conv1d(config.channels, config.channels, 5, stride=2, padding=2)
        self.layers = nn.ModuleList(
            GatedLayer(config.channels, 2**depth) for depth in range(config.layers)
        )
        self.last = nn.Conv1d(config.channels, OUTPUTS, 1)

    def forward(self, mel_BTF: Tensor) -> Tensor:
        hidden_BCS = torch.relu(self.first(mel_BTF.transpose(1, 2)))
        hidden_BCS = torch.relu(self.second(hidden_BCS))
        for layer in self.layers:
            hidden_BCS = layer(hidden_BCS)
        return self.last(torch.relu(hidden_BCS)).transpose(1, 2)
