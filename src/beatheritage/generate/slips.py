"""Edges on a snap that a map hardly ever uses: to whoever checks the set, mistakes."""

from collections import Counter
from itertools import chain

import numpy as np

from beatheritage.generate.polish import as_circle
from beatheritage.generate.repair.edits import edited
from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.review.consistency import COMMON_DIVISORS, is_slip
from beatheritage.review.snapping import divisors
from beatheritage.review.subject import MapSubject


def without_slips(beatmap: Beatmap) -> Beatmap:
    """What starts on such a snap is left out; what only repeats or ends on one lasts no longer."""
    subject = MapSubject(beatmap=beatmap)
    snaps = [divisors(np.array(times), subject.timing).tolist() for times in subject.moments]
    counts = Counter(chain.from_iterable(snaps))
    rare = {
        snap
        for snap, count in counts.items()
        if snap not in (0, *COMMON_DIVISORS) and is_slip(count, counts.total())
    }
    changes: dict[int, HitObject | None] = {}
    for index, (item, own) in enumerate(zip(beatmap.objects, snaps, strict=True)):
        if rare.intersection(own):
            changes[index] = None if own[0] in rare else as_circle(item)
    return edited(beatmap, changes)
