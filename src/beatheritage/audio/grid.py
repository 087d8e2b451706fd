"""Mel frames gathered along the beats: a beat is a beat at any tempo.

Positions lie twelve to a beat. Around each, the frames within 32 ms are what the encoder hears.
"""

import numpy as np

from beatheritage.audio.mel import BANDS, FRAME_MS

POSITIONS_PER_BEAT = 12
REACH_FRAMES = 8
PATCH = (2 * REACH_FRAMES + 1) * BANDS


def patches(mel: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The mel around each time (ms), float32 (times, PATCH); silence beyond the song's ends."""
    centre = np.rint(times / FRAME_MS).astype(np.int64)
    frames = centre[:, None] + np.arange(-REACH_FRAMES, REACH_FRAMES + 1)
    inside = (frames >= 0) & (frames < len(mel))
    gathered = mel[np.clip(frames, 0, len(mel) - 1)].astype(np.float32)
    gathered[~inside] = mel.min()
    return gathered.reshape(len(times), PATCH)
