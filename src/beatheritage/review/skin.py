"""Which files of a set are parts of a skin, by their names."""

from pathlib import PurePosixPath

HD_MARK = "@2x"
_SUFFIXES = frozenset([".png", ".jpg", ".jpeg", ".wav", ".ogg", ".mp3", ".ini"])
# How the names of osu!'s skin elements begin, all modes.
_BEGINNINGS = (
    "applause",
    "approachcircle",
    "arrow-",
    "bar-",
    "button-",
    "combo",
    "comboburst",
    "count",
    "cursor",
    "default-",
    "failsound",
    "followpoint",
    "fruit-",
    "go",
    "hit0",
    "hit100",
    "hit300",
    "hit50",
    "hitcircle",
    "inputoverlay",
    "key-",
    "lighting",
    "lightingl",
    "mania-",
    "menu",
    "mode-",
    "nightcore-",
    "particle",
    "pause-",
    "pippidon",
    "play-",
    "ranking-",
    "ready",
    "reversearrow",
    "score-",
    "scorebar-",
    "scoreentry-",
    "section-",
    "sectionfail",
    "sectionpass",
    "selection-",
    "seeya",
    "skin",
    "sliderb",
    "sliderendcircle",
    "sliderfollowcircle",
    "sliderpoint",
    "sliderscorepoint",
    "sliderstartcircle",
    "spinner",
    "star",
    "taiko-",
    "taikobigcircle",
    "taikohitcircle",
    "target",
    "welcome",
)


def is_skin_element(path: PurePosixPath) -> bool:
    """Whether osu! would take a file for a part of the map's own skin."""
    top = len(path.parts) == 1
    return top and path.suffix in _SUFFIXES and path.name.lower().startswith(_BEGINNINGS)
