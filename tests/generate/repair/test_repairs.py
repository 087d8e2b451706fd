"""Every repair: the rule finds something, then nothing, and what it did not name is as it was."""

from dataclasses import replace
from itertools import count

import pytest
from tests.review.charts import BEAT, RED, chart, circle

from beatheritage.generate.repair.finish import MAP_RULES, faults, repair
from beatheritage.generate.repair.table import REPAIRS
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    Colour,
    CurveKind,
    GreenLine,
    HitSound,
    Hold,
    Point,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode, column_x

CLAP, FINISH = HitSound.CLAP, HitSound.FINISH
COLOURS = (Colour(200, 100, 100), Colour(100, 200, 100))


def slider(time, x=100.0, y=100.0, length=100.0, slides=1, points=((200.0, 100.0),), **more):
    """100 px are a beat at the chart's slider multiplier of 1."""
    kind = more.pop("kind", CurveKind.LINEAR)
    path = tuple(Point(*point) for point in points)
    return Slider(time=time, x=x, y=y, length=length, slides=slides, points=path, kind=kind, **more)


def note(time, column=0, end=None, keys=4, **more):
    x = float(column_x(column, keys))
    if end is None:
        return Circle(time=time, x=x, y=192.0, **more)
    return Hold(time=time, end=end, x=x, **more)


def made(*objects, name, mode=Mode.STD, **more):
    sections = {key: more.pop(key) for key in list(more) if key in Beatmap.__dataclass_fields__}
    return replace(chart(*objects, mode=mode, name=name, **more).beatmap, **sections)


def steady(number=8, x=(100, 200), every=2 * BEAT, **more):
    """Circles to and fro, two beats apart."""
    return [circle(index * every, x[index % len(x)], **more) for index in range(number)]


def rows(*columns, every):
    """Mania's rows: each a string of columns."""
    times = (every * index for index in count(1))
    return [
        note(time, int(column)) for time, row in zip(times, columns, strict=False) for column in row
    ]


def kats(pattern, every):
    """Taiko: d and k, big ones D and K, a gap is a space."""
    sounds = {"d": 0, "k": CLAP, "D": FINISH, "K": CLAP | FINISH}
    return [
        circle(every * (1 + index), sound=HitSound(sounds[letter]))
        for index, letter in enumerate(pattern)
        if letter != " "
    ]


RED_AGAIN = replace(RED, time=16 * BEAT)
LATE = (RED, replace(RED, time=200))
CASES: dict[str, Beatmap] = {
    "Unsnaps": made(circle(0), circle(603), circle(1200), name="Hard"),
    "Concurrent": made(
        circle(0), circle(600), circle(601), slider(1200, length=400.0), name="Hard"
    ),
    "NinjaSpinner": made(circle(0), Spinner(time=600, end=900), name="Insane"),
    "SpinnerRecovery": made(Spinner(time=0, end=1200), circle(1500), name="Normal"),
    "SpinnerGap": made(
        circle(0), Spinner(time=150, end=1200), circle(1500), mode=Mode.CATCH, name="Cup"
    ),
    "InvisibleSlider": made(circle(0), slider(600, points=()), name="Hard"),
    "ZeroLengthObjects": made(note(0), note(600, 1, end=600), mode=Mode.MANIA, name="HD"),
    "ShortSliders": made(circle(0), slider(600, length=30.0), name="Easy"),
    "MultipleReverses": made(circle(0), slider(600, length=50.0, slides=5), name="Easy"),
    "Ambiguity": made(
        slider(600, points=((200.0, 100.0), (100.0, 100.0)), length=200.0), name="Insane"
    ),
    "Burai": made(slider(600, points=((200.0, 100.0), (110.0, 100.0)), length=180.0), name="Hard"),
    "ObscuredReverse": made(
        circle(450, 200, 100), slider(600, slides=2), circle(1500, 300, 300), name="Hard"
    ),
    "CoveredBodies": made(slider(600), slider(1050), circle(2000, 300, 300), name="Hard"),
    "Offscreen": made(circle(600, 550), name="Hard"),
    "StackLeniency": made(circle(0), circle(300), name="Easy", stack_leniency=0.0),
    "SpaceVariation": made(
        *steady(6, every=BEAT), circle(6 * BEAT, 330), circle(7 * BEAT, 230), name="Normal"
    ),
    "CloseOverlap": made(circle(0, 100), circle(100, 300), circle(900, 100), name="Normal"),
    "AbnormalSpacing": made(
        *(circle(index * 75, 100 + 14 * index) for index in range(8)),
        circle(600, 500),
        name="Insane",
    ),
    "FruitsOutside": made(circle(600, 530), mode=Mode.CATCH, name="Rain"),
    "HasDash": made(circle(0, 100), circle(150, 300), mode=Mode.CATCH, name="Cup"),
    "HasHyperdash": made(circle(0, 50), circle(150, 450), mode=Mode.CATCH, name="Cup"),
    "HasEdgeDash": made(
        circle(0, 100), circle(300, 453), mode=Mode.CATCH, name="Platter", circle_size=4
    ),
    "DashSnap": made(circle(0, 100), circle(100, 240), mode=Mode.CATCH, name="Salad"),
    "HyperdashSnap": made(circle(0, 100), circle(100, 400), mode=Mode.CATCH, name="Platter"),
    "ConsecutiveDash": made(
        *(circle(300 * index, 100 + 290 * (index % 2)) for index in range(6)),
        mode=Mode.CATCH,
        name="Salad",
    ),
    "ConsecutiveHyperdash": made(
        *(circle(255 * index, 40 + 430 * (index % 2)) for index in range(6)),
        mode=Mode.CATCH,
        name="Platter",
    ),
    "RainConsistentHyperdashSnaps": made(
        circle(0, 40), circle(255, 470), circle(555, 40), mode=Mode.CATCH, name="Platter"
    ),
    "PlatterHigherSnappedHyperdash": made(
        circle(0, 100), circle(150, 400), circle(600, 300), mode=Mode.CATCH, name="Platter"
    ),
    "RainHyperdashSlider": made(
        slider(0, x=60, points=((60.0, 200.0),), slides=2),
        circle(640, 500),
        slider(1200, x=20, length=600.0, points=((500.0, 100.0),)),
        mode=Mode.CATCH,
        name="Rain",
        slider_multiplier=3.6,
    ),
    "MaxCombo": made(*steady(20, x=(250, 260)), mode=Mode.CATCH, name="Cup"),
    "ConsecutiveSnaps": made(*rows(*"01230123" * 6, every=BEAT / 4), mode=Mode.MANIA, name="EZ"),
    "LongManiaStreams": made(*rows(*"0123012302" * 6, every=BEAT / 2), mode=Mode.MANIA, name="EZ"),
    "StreamChords": made(
        *rows("0", "12", "3", "01", "2", every=BEAT / 4), mode=Mode.MANIA, name="HD"
    ),
    "MaxChordSize": made(
        *rows("0123", "0", "123", *"0123" * 6, every=BEAT), mode=Mode.MANIA, name="HD"
    ),
    "SliderLength": made(note(0), note(600, 1, end=630), mode=Mode.MANIA, name="HD"),
    "NotesInLongNotes": made(note(0, 0, end=BEAT), note(BEAT / 2, 1), mode=Mode.MANIA, name="EZ"),
    "LongNoteReleases": made(
        note(0, 0, end=4 * BEAT), note(BEAT, 1, end=4.5 * BEAT), mode=Mode.MANIA, name="EZ"
    ),
    "Minijacks": made(note(0, 0), note(BEAT / 4, 0), note(900, 3), mode=Mode.MANIA, name="NM"),
    "Trills": made(*rows(*"01010101010101", every=BEAT / 4), mode=Mode.MANIA, name="HD"),
    "ColumnDistribution": made(*rows(*"0001" * 12, every=BEAT), mode=Mode.MANIA, name="HD"),
    "DoubleHitSounds": made(
        note(0, 0, sound=CLAP), note(0, 1, sound=CLAP), mode=Mode.MANIA, name="HD"
    ),
    "SmallestSnap": made(*kats("ddd", BEAT / 12), mode=Mode.TAIKO, name="Muzukashii"),
    "PatternLength": made(*kats("d" * 12, BEAT / 4), mode=Mode.TAIKO, name="Muzukashii"),
    "RestMoments": made(*kats("d" * 90, BEAT / 2), mode=Mode.TAIKO, name="Oni"),
    "ColourChanges": made(*kats("dk", BEAT / 2), mode=Mode.TAIKO, name="Kantan"),
    "UnrankableFinishers": made(*kats("dDk", BEAT / 4), mode=Mode.TAIKO, name="Muzukashii"),
    "HitSounds": made(*steady(40, sound=HitSound.NONE), name="Hard"),
    "CommonFinish": made(*steady(60, every=3 * BEAT, sound=FINISH), name="Hard"),
    "Muted": made(circle(0), circle(600), timing=(replace(RED, volume=3),), name="Hard"),
    "Breaks": made(
        circle(0),
        circle(6000),
        events=made(name="x").events.__class__(breaks=(Break(50, 5900),)),
        name="Hard",
    ),
    "FirstLine": made(circle(600), timing=(GreenLine(time=-500), RED), name="Hard"),
    "ConcurrentLines": made(circle(600), timing=(RED, replace(RED, volume=50)), name="Hard"),
    "UnusedLines": made(circle(600), timing=(RED, RED_AGAIN), name="Hard"),
    "BeforeLine": made(slider(597), timing=(RED, GreenLine(time=600, velocity=2.0)), name="Hard"),
    "CloseBarlines": made(circle(0), circle(2400), timing=LATE, mode=Mode.TAIKO, name="Oni"),
    "DiffSettingsAllModes": made(circle(600), name="Hard", approach_rate=7.25),
    "TickRate": made(circle(600), name="Hard", slider_tick_rate=2.4),
    "DefaultColours": made(circle(600), name="Hard", combo_colours=()),
    "Luminosity": made(circle(600), name="Hard", combo_colours=(Colour(1, 2, 3),)),
}


def rules_in(beatmap):
    return [issue.rule for issue in faults(beatmap)]


def test_every_repair_is_for_a_rule_and_has_a_case():
    assert REPAIRS.keys() <= {rule.name for rule in MAP_RULES}
    assert REPAIRS.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_what_a_rule_finds_is_mended(rule):
    beatmap = CASES[rule]
    assert rule in rules_in(beatmap)
    mended = REPAIRS[rule](beatmap)
    assert rule not in rules_in(mended)
    assert REPAIRS[rule](mended) == mended


@pytest.mark.parametrize("rule", CASES)
def test_what_no_rule_names_stays(rule):
    """Whatever is left of a map is what it was, but for objects that the rule is about."""
    beatmap = CASES[rule]
    finished = repair(beatmap)
    assert repair(finished.beatmap).beatmap == finished.beatmap
    assert rule not in [issue.rule for issue in finished.left]
    unnamed = replace(
        finished.beatmap,
        objects=beatmap.objects,
        timing_points=beatmap.timing_points,
        combo_colours=beatmap.combo_colours,
        difficulty=beatmap.difficulty,
        events=beatmap.events,
    )
    assert unnamed == beatmap
