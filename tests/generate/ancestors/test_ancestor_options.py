"""Options of checkpoints that are about what is around the writing, and what they refuse."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ancestors import small_map, tokenizer_of, write_tiny
from tests.generate.ancestors.test_on_map import Beats, FixedShift
from tests.generate.ancestors.test_song import GREEDY, TIMING, Recital, Reciter, plan_of, song_of

from beatheritage.errors import InputError, OptionError, WeightsError
from beatheritage.generate.ancestors.load import open_model
from beatheritage.generate.ancestors.options import AncestorOptions, TimingFrom, check_ancestor
from beatheritage.generate.ancestors.song import Ancestor, groups_on_beat, write_map
from beatheritage.generate.ancestors.super_timing import agreed_beats, count_beats
from beatheritage.generate.ancestors.timing import timed
from beatheritage.generate.drafting import listen
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Context as Known
from beatheritage.generate.request import Request
from beatheritage.generate.splice import splice
from beatheritage.osu.beatmap import Circle, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Context, Event, Step, Vocabulary


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (AncestorOptions(given=("patterns",)), "ancestor.given has 'patterns'"),
        (AncestorOptions(given=("gd",)), "ancestor.given=gd needs a map"),
        (AncestorOptions(written=("gd",)), "ancestor.written has 'gd'"),
        (AncestorOptions(lookback=0.5, lookahead=0.46), "0.95 together at most"),
    ],
)
def test_what_cannot_be_meant(options, message):
    with pytest.raises(OptionError, match=message):
        check_ancestor(options, has_map=False)
    check_ancestor(AncestorOptions(lookback=0.5, lookahead=0.45), has_map=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"ancestor": AncestorOptions(guidance=0.5)}, "ancestor.guidance must be from 1 to 20"),
        ({"start": 5000.0, "end": 4000.0}, "end must come after start"),
        ({"takes": 2}, "need a map to work in"),
    ],
)
def test_what_a_request_for_a_checkpoint_cannot_mean(words, message):
    with pytest.raises(OptionError, match=message):
        plan_of(Mode.STD, **words)


def test_a_reference_of_another_mode_is_one_clear_line(tmp_path):
    file = tmp_path / "known.osu"
    file.write_text(write(small_map(Mode.STD)), encoding="utf-8")
    asked = Request(
        audio=Path("a.ogg"), model="v32", mode=Mode.TAIKO, context=Known(reference=file)
    )
    with pytest.raises(OptionError, match=r"known\.osu: is a map of std"):
        make_plan(asked)
    nothing = tmp_path / "none.osu"
    with pytest.raises(InputError, match=r"none\.osu"):
        make_plan(replace(asked, context=Known(reference=nothing)))


def test_a_lora_that_is_not_there_is_an_error(tmp_path):
    folder = write_tiny("v32", tmp_path / "model")
    options = AncestorOptions(lora=tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="nowhere"):
        open_model(str(folder), Mode.STD, options)


def test_a_part_of_a_song_is_written_without_a_map():
    vocabulary, known = Vocabulary(tokenizer_of("v32")), small_map(Mode.STD)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="v32")
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    plan = plan_of(Mode.STD, ancestor=GREEDY, start=1500.0, end=3000.0)
    made = write_map(heard, plan, ancestor, np.random.default_rng(0))
    expected = [item.time for item in known.objects if 1500 <= item.time <= 3000]
    assert [item.time for item in made.objects] == pytest.approx(expected, abs=1)


def spelled(vocabulary, *circles):
    """Circles as V32 writes them: time, snap, place, type."""
    events = []
    for time, cell in circles:
        group = [Event(Step.TIME, time), Event(Step.SNAP, 1), Event(Step.PLACE, cell)]
        group += [Event(Step.REFINEMENT, 0), Event(Step.CIRCLE)]
        events += [event._replace(time=time) for event in group]
    return {Context.MAP: tuple(events)}


def test_what_is_written_is_moved_onto_its_tick_or_left():
    vocabulary = Vocabulary(tokenizer_of("v32"))
    layers = spelled(vocabulary, (507, 400))
    for resnap, time in ((True, 500), (False, 507)):
        (group,) = groups_on_beat(layers, vocabulary, TIMING, AncestorOptions(resnap=resnap))
        assert group.time == time


@pytest.mark.parametrize("meets", [True, False])
def test_places_that_nearly_meet_do_or_do_not(meets):
    vocabulary, known = Vocabulary(tokenizer_of("v32")), small_map(Mode.STD)
    circles = tuple(Circle(time=time, x=x, y=100.0) for time, x in ((200.0, 100.0), (600.0, 102.0)))
    near = replace(known, objects=circles)
    ancestor = Ancestor(engine=Reciter(vocabulary, near), vocabulary=vocabulary, name="v32")
    plan = plan_of(Mode.STD, ancestor=replace(GREEDY, meets=meets))
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    first, second = write_map(heard, plan, ancestor, np.random.default_rng(0)).objects
    assert (first.x == second.x) == meets


def test_leniency_says_how_much_a_tempo_may_waver():
    vocabulary = Vocabulary(tokenizer_of("v32"))
    engine = Beats(vocabulary, (RedLine(time=205.0, beat_length=500.0),), 8000)
    engine.layers[Context.TIMING] = [
        event._replace(value=event.value + 10 * (event.time // 500 % 3 == 1))
        if event.kind is Step.TIME
        else event
        for event in engine.layers[Context.TIMING]
    ]
    ancestor = Ancestor(engine=engine, vocabulary=vocabulary, name="b")

    def lines(leniency):
        options = AncestorOptions(timing=TimingFrom.MODEL, leniency=leniency, greedy=True)
        plan = plan_of(Mode.STD, ancestor=options)
        return timed(ancestor, listen(song_of(8), TIMING), plan, FixedShift()).timing.lines

    assert len(lines(20.0)) == 1 < len(lines(2.0))


def test_a_tempo_that_few_passes_name_is_not_measured():
    steady = [Event(Step.BEAT, 0, 300 + 400 * number) for number in range(30)]
    doubled = [Event(Step.BEAT, 0, 300 + 200 * number) for number in range(60)]
    counted = count_beats([(0.0, steady)] * 3 + [(0.0, doubled)] * 2, 12_500)
    assert agreed_beats(counted, 5, 0.1)


class GoesOn(Reciter):
    """Knows a map by heart, and goes on in it from a time."""

    def start(self, heard, windows):
        return FromThere(self)


class FromThere(Recital):
    def read(self, rows):
        (row,), vocabulary = rows, self.reciter.vocabulary
        if len(row) > 1:
            named = {id: name for name, id in vocabulary.sos.items()}
            context = named[next(token for token in reversed(row) if token in named)]
            events = [event for event in self.reciter.layers[context] if event.time >= 1500]
            self.tokens = [*vocabulary.tokens(events, 0), vocabulary.eos[context]]
        return super().read([row[-1:]])


def test_what_lies_outside_a_range_stays_to_the_byte(tmp_path):
    vocabulary, known = Vocabulary(tokenizer_of("v32")), small_map(Mode.STD)
    file = tmp_path / "known.osu"
    file.write_bytes(write(known).encode("utf-8"))
    fresh = replace(known, objects=tuple(replace(item, x=300.0) for item in known.objects))
    ancestor = Ancestor(engine=GoesOn(vocabulary, fresh), vocabulary=vocabulary, name="v32")
    plan = plan_of(Mode.STD, within=file, start=1500.0, end=3000.0, ancestor=GREEDY)
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    made = write_map(heard, plan, ancestor, np.random.default_rng(0))
    spliced = splice(plan.within.content, made, plan.start, plan.end).splitlines()
    old = file.read_bytes().splitlines()
    inside = [line for line in old if line.split(b",")[2:3] in ([b"1800"], [b"2600"])]
    assert len(inside) == 2
    assert [line for line in old if line not in inside] == [
        line for line in spliced if line in old and line not in inside
    ]
    changed = [line for line in spliced if line not in old]
    assert any(line.startswith(b"300,") for line in changed)
    assert all(1500 <= float(line.split(b",")[2]) < 3000 for line in changed if line[:4] == b"300,")
