"""What a person may ask of a map's quality, beyond the rules."""

from dataclasses import dataclass, replace

from beatheritage.errors import OptionError
from beatheritage.osu.mode import Mode

DISTANCE_RANGE = (0.0, 200.0)
SHARE_RANGE = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """``min_distance`` (px; 0 asks for nothing): objects in a row that are no deliberate stack and
    no slider's pattern lie at least so far apart. ``max_overlap`` (1 asks for nothing): the share
    of objects that may cover another that is still seen, is neither before nor after them, and is
    of no stream with them.
    ``auto_correct`` sees to both, to what is off the screen, to bodies over their own heads, and to
    ends that cannot be told apart. ``flow`` turns sequences until moves follow one another more
    smoothly, ``variety`` brings patterns that repeat too often, or too seldom, to where people's
    are. All of it is about std's places. None means what is usual.
    """

    min_distance: float | None = None
    max_overlap: float | None = None
    auto_correct: bool | None = None
    flow: bool | None = None
    variety: bool | None = None


# What holds in std where nothing was said; elsewhere places have no such meaning.
USUAL = Quality(min_distance=20.0, max_overlap=0.15, auto_correct=True, flow=False, variety=False)
NONE = Quality(min_distance=0.0, max_overlap=1.0, auto_correct=False, flow=False, variety=False)


def check_quality(quality: Quality, mode: Mode) -> None:
    """Raise an OptionError for a value out of range, and for one that the mode has no use for."""
    for name in Quality.__dataclass_fields__:
        value = getattr(quality, name)
        if value is None:
            continue
        if mode is not Mode.STD:
            raise OptionError(
                f"quality.{name} is about places in std, and means nothing in {mode.name.lower()}",
                mend=f"leave quality.{name} out",
            )
        low, high = DISTANCE_RANGE if name == "min_distance" else SHARE_RANGE
        if not low <= value <= high:
            raise OptionError(f"quality.{name} must be from {low:g} to {high:g}, not {value:g}")


def known_quality(quality: Quality, mode: Mode) -> Quality:
    """Every value known: what was said, and for the rest what is usual in the mode."""
    usual = USUAL if mode is Mode.STD and quality.auto_correct is not False else NONE
    said = {
        name: value
        for name in Quality.__dataclass_fields__
        if (value := getattr(quality, name)) is not None
    }
    return replace(usual, **said)
