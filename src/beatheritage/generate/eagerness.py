"""Where the mapper hears more than people write, and by how much less to believe it.

In std, people leave out about half of the onsets that it would write. Off streams, a note that is
left out costs nothing; inside of one, whose notes are unlikely one by one, it tears the stream.
"""

import numpy as np

from beatheritage.osu.mode import Mode

OFF_STREAMS = {Mode.STD: -0.9}
"""Added to the log-odds of onsets outside of streams, where no density is asked for. Tuned on the
songs to tune on."""

STREAM_MS = 116.0  # two onsets no further apart belong to one stream
STREAM_ODDS = -1.0  # as likely, an onset is one that a stream may go on with
NOTHING = -np.inf


def eagerness(mode: Mode, onsets_N: np.ndarray, tick_ms: float) -> np.ndarray:
    """What a mode adds to the log-odds of onsets, tick by tick, (N,).

    ``onsets_N`` are the encoder's log-odds, ``tick_ms`` how long a tick lasts.
    """
    return np.where(in_streams(onsets_N, tick_ms), 0.0, OFF_STREAMS.get(mode, 0.0))


def in_streams(onsets_N: np.ndarray, tick_ms: float) -> np.ndarray:
    """Whether onsets are likely closely before a tick and closely behind it, bool (N,)."""
    reach, count = int(STREAM_MS / tick_ms), len(onsets_N)
    if not reach:
        return np.zeros(count, bool)
    padded = np.pad(onsets_N, reach, constant_values=NOTHING)
    best = np.lib.stride_tricks.sliding_window_view(padded, reach).max(axis=1)
    before, behind = best[:count], best[reach + 1 :][:count]
    return np.minimum(before, behind) > STREAM_ODDS
