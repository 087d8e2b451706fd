"""What a set brings along of a skin: colours, and elements that belong together."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Scope, Severity, problem
from beatheritage.review.rule import (
    CATCH,
    CRITERIA,
    MANIA,
    STD,
    TAIKO,
    VERIFIER,
    JudgeSet,
    MapRule,
    Rule,
    SetRule,
)
from beatheritage.review.subject import MapSubject, SetSubject

DIGITS = tuple(f"default-{digit}" for digit in range(10))
CATCH_FRUITS = ("apple", "grapes", "orange", "pear")

# Elements that the criteria take as one: of each set all or none, without the frames' numbers.
STD_SETS = {
    "hit circle": ("hitcircle", "hitcircleoverlay", "approachcircle", "reversearrow", *DIGITS),
    "slider": ("sliderb0", "sliderfollowcircle", "sliderscorepoint"),
    "spinner": ("spinner-circle", "spinner-approachcircle", "spinner-background"),
}
TAIKO_SETS = {
    "note": (
        "taikohitcircle",
        "taikohitcircleoverlay",
        "taikobigcircle",
        "taikobigcircleoverlay",
    ),
    "drumroll": ("taiko-roll-middle", "taiko-roll-end"),
    "drum": ("taiko-bar-left", "taiko-drum-inner", "taiko-drum-outer"),
}
CATCH_SETS = {
    "fruit": (
        *(f"fruit-{fruit}" for fruit in CATCH_FRUITS),
        *(f"fruit-{fruit}-overlay" for fruit in CATCH_FRUITS),
        "fruit-bananas",
        "fruit-bananas-overlay",
        "fruit-drop",
    ),
    "catcher": ("fruit-catcher-idle", "fruit-catcher-kiai", "fruit-catcher-fail"),
}
MANIA_SETS = {
    "note": ("mania-note1", "mania-note2", "mania-note1h", "mania-note1l"),
    "key": ("mania-key1", "mania-key1d", "mania-key2", "mania-key2d"),
}
# Elements that ask for a colour of the sliders' border.
BORDERED_SETS = ("hit circle", "slider")
FEWEST_COLOURS = 2
PICTURES = (".png", ".jpg", ".jpeg")


def combo_colours(subject: MapSubject) -> Iterator[Finding]:
    """Combo colours of which no two differ (none at all is DefaultColours)."""
    different = set(subject.beatmap.combo_colours)
    if different and len(different) < FEWEST_COLOURS:
        yield problem("all combos have one colour")


def elements(subject: SetSubject) -> frozenset[str]:
    """The names of pictures at the top of a set, lower case, without suffix, size and frame 0."""
    found = set()
    for name in subject.files.names if subject.files else ():
        path = PurePosixPath(name.lower())
        if len(path.parts) == 1 and path.suffix in PICTURES:
            stem = path.stem.removesuffix("@2x")
            found |= {stem, stem.removesuffix("-0")}
    return frozenset(found)


def incomplete_sets(there: frozenset[str], sets: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What is missing of each set of which something is there."""
    for name, wanted in sets.items():
        missing = [one for one in wanted if one not in there]
        if missing and len(missing) < len(wanted):
            listed = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
            yield f"the {name} elements lack {listed}"


def standard_skin(subject: SetSubject) -> Iterator[Finding]:
    """Hit circle, slider or spinner elements that are not complete, or the first two without a
    colour for the sliders' border."""
    there = elements(subject)
    for text in incomplete_sets(there, STD_SETS):
        yield problem(text)
    bordered = {one for name in BORDERED_SETS for one in STD_SETS[name]}
    for index, one in enumerate(subject.maps if there & bordered else ()):
        if not any(key == "SliderBorder" for key, _ in one.beatmap.other_colours):
            yield problem("brings hit circles or sliders, but no SliderBorder colour", of=index)


def taiko_skin(subject: SetSubject) -> Iterator[Finding]:
    """Note, drumroll or drum elements that are not complete."""
    for text in incomplete_sets(elements(subject), TAIKO_SETS):
        yield problem(text)


def catch_skin(subject: SetSubject) -> Iterator[Finding]:
    """Fruit or catcher elements that are not complete."""
    for text in incomplete_sets(elements(subject), CATCH_SETS):
        yield problem(text)


def mania_skin(subject: SetSubject) -> Iterator[Finding]:
    """Note or key elements that are not complete."""
    for text in incomplete_sets(elements(subject), MANIA_SETS):
        yield problem(text)


def _rule(
    name: str, judge: JudgeSet, modes: frozenset[Mode], thresholds: tuple[str, ...]
) -> SetRule:
    return SetRule(
        name=name,
        group=Group.RESOURCES,
        scope=Scope.MATERIAL,
        judge=judge,
        modes=modes,
        severities=(Severity.PROBLEM,),
        thresholds=thresholds,
        sources=(VERIFIER, CRITERIA),
    )


RULES: tuple[Rule, ...] = (
    MapRule(
        name="ComboColours",
        group=Group.SETTINGS,
        judge=combo_colours,
        modes=STD | CATCH,
        severities=(Severity.PROBLEM,),
        thresholds=("FEWEST_COLOURS",),
        sources=(CRITERIA,),
    ),
    _rule("SkinningStandard", standard_skin, STD, ("STD_SETS",)),
    _rule("SkinningTaiko", taiko_skin, TAIKO, ("TAIKO_SETS",)),
    _rule("SkinningCatch", catch_skin, CATCH, ("CATCH_SETS",)),
    _rule("SkinningMania", mania_skin, MANIA, ("MANIA_SETS",)),
)
