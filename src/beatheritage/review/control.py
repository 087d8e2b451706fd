"""People's maps as the control: what the absolute rules flag among them, and whether rightly.

Counted once, over the maps of the study corpus that carry a beatmap id, and looked at by hand; an
id makes no map ranked, and some of these are tests, jokes or drafts. Count again when a rule here
changes.
"""

from typing import NamedTuple

# Maps in the order std, taiko, catch, mania.
MAPS = (783, 78, 36, 446)


class Looked(NamedTuple):
    """How many maps a rule has a Problem with, how many of them were looked at, and what was seen.

    ``wrong`` counts maps that have no such fault.
    """

    rule: str
    flagged: int
    looked_at: int
    wrong: int
    seen: str


CONTROL = (
    Looked(
        "Unsnaps",
        128,
        45,
        2,
        "drawn at random: most notes of the map off, often by the same 2 to 9 ms (a red line moved "
        "without them), notes placed by ear, single notes or ends 2.0 to 2.8 ms off. Wrong: two "
        "mania maps with 2 and 11 notes on 1/32 and 1/24, which both tools flag as well",
    ),
    Looked(
        "Concurrent",
        41,
        41,
        0,
        "std: two at a time, up to all of a map's objects, and practice maps of 7 to 9 ms; mania: "
        "two notes at one time, or 3 to 29 ms in one column, which the strictest source forbids",
    ),
    Looked("Breaks", 34, 34, 0, "objects inside the break, or nearer to it than the editor allows"),
    Looked(
        "Offscreen",
        15,
        15,
        0,
        "circles and bodies past the screen, most by 1 to 50 px, one by thousands; in three maps "
        "by what their stack adds",
    ),
    Looked("ConcurrentLines", 9, 9, 0, "two green or two red lines at the same millisecond"),
    Looked("InvisibleSlider", 6, 6, 0, "all nodes at the head, or none"),
    Looked(
        "UnusedLines",
        4,
        4,
        0,
        "the same tempo, meter and bar going on; 31 more were flagged before lines that move the "
        "nightcore mod's cymbals became a Warning",
    ),
    Looked("FirstLine", 1, 1, 0, "a kiai from the first line on"),
    Looked("ZeroLengthObjects", 1, 1, 0, "a map made to break players"),
    Looked("InvalidVolume", 1, 1, 0, "the same map: volumes of -40"),
    Looked("DiffSettingsAllModes", 1, 1, 0, "the same map: HP 2.56, CS 3.99"),
    Looked("TickRate", 1, 1, 0, "1.2"),
    Looked("ScoreOverflow", 1, 1, 0, "over an hour long"),
    Looked("EmptyDifficultyFile", 0, 0, 0, "the corpus has no map under 30 objects"),
)
