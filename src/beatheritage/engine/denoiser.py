"""What placing by diffusion asks of a model, on whatever runs it: numpy in, numpy out.

Shapes: R rows that differ in what they are told, N points, C what a point is, K classes.
"""

from typing import Protocol

import numpy as np


class Denoising(Protocol):
    """A run of points whose places are being found."""

    def denoise(self, places_N2: np.ndarray, step: int) -> np.ndarray:
        """Noise and shares of variance (R, N, 4), both of x and then of y, of places from -1 to 1
        at a step of the diffusion."""
        ...


class DenoiserEngine(Protocol):
    def start(self, context_NC: np.ndarray, classes_RK: np.ndarray, reach: int) -> Denoising:
        """Begin a run of points, each of which sees ``reach`` others to either side."""
        ...
