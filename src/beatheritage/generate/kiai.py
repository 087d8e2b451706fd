"""Where the song peaks: kiai, as the mapper's encoder hears it."""

import numpy as np

SWITCH_COST = 6.0  # log-odds: a change must earn this
LEAST_BARS = 4
MOST_SHARE = 0.5  # of a song; a kiai that lasts longer marks nothing


def kiai_spans(logits: np.ndarray, downbeats: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Spans of beats, from downbeat to downbeat, in which kiai is likely.

    ``logits`` (beats,) are the log-odds of kiai at each beat, ``downbeats`` (bars,) indices into
    them, the first one 0.
    """
    bars = [part.mean() for part in np.split(logits, downbeats[1:])] if len(downbeats) > 1 else []
    if not bars:
        return ()
    edges = [*downbeats.tolist(), len(logits)]
    threshold = 0.0
    while True:
        states = likeliest(np.array(bars) - threshold)
        if states.mean() <= MOST_SHARE:
            break
        threshold += 0.5
    changes = np.flatnonzero(np.diff(np.concatenate([[0], states, [0]])))
    runs = changes.reshape(-1, 2).tolist()
    return tuple((edges[first], edges[last]) for first, last in runs if last - first >= LEAST_BARS)


def likeliest(scores: np.ndarray) -> np.ndarray:
    """The likeliest run of 0 and 1 (bars,), where each change costs ``SWITCH_COST`` (Viterbi)."""
    best = np.array([0.0, scores[0]])
    came = np.zeros((len(scores), 2), np.int64)
    for bar in range(1, len(scores)):
        from_each = best[:, None] - SWITCH_COST * (1 - np.eye(2))
        came[bar] = from_each.argmax(0)
        best = from_each.max(0) + np.array([0, scores[bar]])
    states = [int(best.argmax())]
    for bar in range(len(scores) - 1, 0, -1):
        states.append(int(came[bar, states[-1]]))
    return np.array(states[::-1])
