"""What a person asks of a whole set, and the plans that it comes to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from math import isfinite

from beatheritage.audio.song import Tags
from beatheritage.config import nearest
from beatheritage.errors import OptionError
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.request import UNSAID, Request
from beatheritage.osu.level import LEVEL_NAMES, Level, level_names
from beatheritage.osu.mode import Mode, parse_mode
from beatheritage.review.spread import LEVELS, strictest_drains

MOST_DIFFICULTIES = 16  # of a set, all modes together

# Medians of people's maps of each level, kept a tenth off the next level: Easy to Expert+.
USUAL_STARS = {
    Mode.STD: (1.8, 2.3, 3.5, 4.7, 5.9, 7.0),
    Mode.TAIKO: (1.3, 2.1, 3.0, 4.4, 5.5, 7.0),
    Mode.CATCH: (1.5, 2.2, 2.9, 4.2, 5.5, 7.0),
    Mode.MANIA: (1.4, 2.1, 3.1, 4.2, 5.5, 7.0),
}

# What of a song is surely drain: quiet beginnings and ends are none.
SURE_DRAIN = 0.85
USUAL_TOP = Level.INSANE
LEAST_COUNT = 2  # difficulties that make a spread

# Options that are about one difficulty, or a part of one.
ALONE = ("version", "within", "start", "end", "takes")

LEVEL_WORDS = {
    name.casefold(): Level(index)
    for names in ([level.name.replace("_PLUS", "+") for level in Level], *LEVEL_NAMES.values())
    for index, name in enumerate(names)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadRequest:
    """What was said. ``base`` holds for every difficulty, but for its stars; its mode does where
    there are no ``modes``.

    Of ``levels`` and ``stars`` at most one is said; without either, the song's length decides.
    """

    base: Request = field(default_factory=Request)
    modes: tuple[Mode, ...] = ()
    levels: tuple[Level, ...] = ()
    stars: tuple[float, ...] = ()


def check_spread(request: SpreadRequest, tags: Tags | None = None) -> Plan:
    """Raise an OptionError for the first value that cannot be meant, whatever the song is like.

    Returns one plan of the set, to see where it leads.
    """
    for name in ALONE:
        if getattr(request.base, name) != getattr(UNSAID, name):
            raise OptionError(
                f"{name} is about one difficulty, not a set", mend=f"leave {name} out"
            )
    if request.base.mode is not None and request.modes:
        raise OptionError("mode and modes both say for whom", mend="leave one of them out")
    if request.levels and request.stars:
        raise OptionError("difficulties and stars both say how hard", mend="leave one of them out")
    for one, other in pairwise(request.stars):
        if not one < other:
            raise OptionError(f"stars must rise, but {other:g} comes after {one:g}")
    for what, said in (("difficulty", request.levels), ("mode", request.modes)):
        if twice := [one for one in said if said.count(one) > 1]:
            raise OptionError(f"the {what} {shown(twice[0])} is asked for twice")
    count = max(1, len(request.levels), len(request.stars)) * max(1, len(request.modes))
    if count > MOST_DIFFICULTIES:
        raise OptionError(f"{count} difficulties are too many", mend=f"up to {MOST_DIFFICULTIES}")
    return spread_plans(request, duration=0.0, tags=tags)[0]


def spread_plans(
    request: SpreadRequest, *, duration: float, tags: Tags | None = None
) -> tuple[Plan, ...]:
    """A plan for each difficulty, mode by mode, the easiest first; ``duration`` is the song's, ms.

    Raises:
        OptionError: for a value out of range.
        InputError: for a reference that cannot be read.
    """
    modes = request.modes or (make_plan(replace(request.base, stars=None), tags).mode,)
    return tuple(chain.from_iterable(_plans(request, mode, duration, tags) for mode in modes))


def _plans(
    request: SpreadRequest, mode: Mode, duration: float, tags: Tags | None
) -> Iterator[Plan]:
    levels = sorted(request.levels) or complete_spread(mode, duration)
    stars = request.stars or tuple(USUAL_STARS[mode][level] for level in levels)
    base = fitting(request.base, mode)
    plans = [make_plan(replace(base, stars=each), tags) for each in stars]
    names = level_names(mode, stars, plans[0].keys)
    yield from (replace(plan, version=name) for plan, name in zip(plans, names, strict=True))


def fitting(base: Request, mode: Mode) -> Request:
    """The request for a mode, without what only others of the set have: mania's keys."""
    return replace(base, mode=mode, keys=base.keys if mode is Mode.MANIA else None)


def complete_spread(mode: Mode, duration: float) -> tuple[Level, ...]:
    """The levels that the ranking criteria ask for in a song of so many ms, up to Insane.

    Where the lowest may be a Normal an Easy is written too, for those who begin; a song so long
    that anything may be the lowest gets an Expert beside its Insane.
    """
    drains = zip(LEVELS, strictest_drains(mode), strict=True)
    lowest = next((level for level, drain in drains if duration * SURE_DRAIN < drain), Level.INSANE)
    lowest = Level.EASY if lowest is Level.NORMAL else lowest
    highest = max(USUAL_TOP, lowest + LEAST_COUNT - 1)
    return tuple(Level(level) for level in range(lowest, highest + 1))


def parse_levels(text: str) -> tuple[Level, ...]:
    """The levels that a list of names stands for, in any mode's words. Raises OptionError."""
    return tuple(map(_level, _words(text, "difficulties")))


def _level(word: str) -> Level:
    if word.casefold() not in LEVEL_WORDS:
        raise OptionError(
            f"there is no difficulty {word!r}", mend=nearest(word.casefold(), tuple(LEVEL_WORDS))
        )
    return LEVEL_WORDS[word.casefold()]


def parse_stars(text: str) -> tuple[float, ...]:
    """The numbers of a list. Raises OptionError."""
    refusal = OptionError(f"stars must be numbers like 1.6,2.4,3.4, not {text!r}")
    try:
        stars = tuple(map(float, _words(text, "stars")))
    except ValueError:
        raise refusal from None
    if not all(map(isfinite, stars)):
        raise refusal
    return stars


def parse_modes(text: str) -> tuple[Mode, ...]:
    """The modes of a list. Raises OptionError."""
    return tuple(map(parse_mode, _words(text, "modes")))


def _words(text: str, name: str) -> Sequence[str]:
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise OptionError(f"{name} must be a list like a,b,c, not {text!r}")
    return words


def shown(one: Level | Mode) -> str:
    """A level or a mode as people write it."""
    return one.name.replace("_PLUS", "+").lower()
