"""Sounds whose beats are known exactly, and the head that ships."""

import numpy as np
import pytest

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.engine.onnx import OnnxBeats
from beatheritage.engine.weights import weight_file


@pytest.fixture(scope="session")
def listener():
    return OnnxBeats(weight_file("beats.onnx"))


def _sound(kind: str, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``at`` are seconds from the sound's beginning."""
    match kind:
        case "sine":
            return np.sin(2 * np.pi * 1000 * at) * np.exp(-at / 0.01)
        case "beep":
            return np.sin(2 * np.pi * 880 * at) * (at < 0.03)
        case "noise":
            return rng.standard_normal(len(at)) * np.exp(-at / 0.0125)
        case "kick":
            return np.sin(2 * np.pi * 60 * at) * np.exp(-at / 0.025)
        case _:
            return 1.0 * (at < 0.001)


@pytest.fixture(scope="session")
def clicks():
    """A click track: kind, BPM, first click (ms), seconds, rate to mono float32 samples."""

    def make(kind, bpm, first, seconds=30.0, rate=SAMPLE_RATE):
        rng = np.random.default_rng(1)
        samples = np.zeros(int(seconds * rate) + rate // 10, np.float32)
        times = np.arange(first / 1000, seconds - 0.1, 60 / bpm)
        for time in times:
            start = int(np.ceil(time * rate))
            at = (start + np.arange(rate // 20)) / rate - time
            samples[start : start + len(at)] += 0.5 * _sound(kind, at, rng).astype(np.float32)
        return samples

    return make
