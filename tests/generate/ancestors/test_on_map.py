"""Passes that leave a map as it is but for what they write: sounds, kiai; and timing alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ancestors import small_map, tokenizer_of, write_tiny
from tests.generate.ancestors.test_song import TIMING, Recital, Reciter, plan_of, song_of

from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.errors import InputError, OptionError
from beatheritage.generate.ancestors.generate import generate_with
from beatheritage.generate.ancestors.on_map import on_map
from beatheritage.generate.ancestors.options import AncestorOptions, TimingFrom
from beatheritage.generate.ancestors.resound import kiai_of, with_sounds
from beatheritage.generate.ancestors.song import Ancestor
from beatheritage.generate.ancestors.timing import shifted, timed
from beatheritage.generate.drafting import listen
from beatheritage.generate.request import Aim, AskedMetadata
from beatheritage.generate.request import Context as Known
from beatheritage.osu.beatmap import Beatmap, RedLine, Slider
from beatheritage.osu.mode import Mode
from beatheritage.progress import ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Context, Step, Vocabulary
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_timing


def silenced(beatmap):
    """A map with every sound and volume made the same."""
    vocabulary = Vocabulary(tokenizer_of("v29"))
    events = [
        event._replace(value={Step.HITSOUND: 40, Step.VOLUME: 55}.get(event.kind, event.value))
        for event in encode_map(beatmap, vocabulary)
    ]
    return with_sounds(beatmap, events, vocabulary)


def places(beatmap):
    return [
        (type(item), item.time, item.x, item.y, getattr(item, "points", ()), item.new_combo)
        for item in beatmap.objects
    ]


def sounds(beatmap):
    return [(item.sound, item.sample, getattr(item, "edges", ())) for item in beatmap.objects]


@pytest.mark.parametrize("mode", [Mode.STD, Mode.TAIKO, Mode.MANIA])
def test_sounds_go_onto_a_map_of_which_all_else_stays(mode):
    known = small_map(mode)
    quiet = silenced(known)
    assert places(quiet) == places(known)
    assert [line.beat_length for line in quiet.red_lines] == [400, 300]
    assert {point.volume for point in quiet.timing_points} == {55} or mode is Mode.MANIA
    assert all(sound != before for sound, before in zip(sounds(quiet), sounds(known), strict=True))
    assert kiai_of(quiet)[0][0] == kiai_of(known)[0][0]
    slider = next((item for item in quiet.objects if isinstance(item, Slider)), None)
    if mode is Mode.STD and slider is not None:
        assert {edge.normal_set for edge in slider.edges} == {40 // 8 % 3 + 1}


@pytest.mark.parametrize("version", ["v29", "v32"])
def test_a_model_hears_sounds_for_a_map(version, tmp_path):
    opened = open_ancestor(write_tiny(version, tmp_path))
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    ancestor = Ancestor(engine=load_ancestor(opened), vocabulary=vocabulary, name="tiny")
    known = small_map(Mode.STD)
    names = ("no_hs",)
    plan = replace(plan_of(Mode.STD), reference=known, ancestor=AncestorOptions(given=names))
    heard = listen(song_of(20), Timing(lines=known.red_lines))
    made = generate_with(ancestor, heard, plan, np.random.default_rng(0)).beatmap
    assert places(made) == places(known)
    assert sounds(made) != sounds(known)


class Beats(Reciter):
    """Knows the beats of a timing by heart, window by window."""

    def __init__(self, vocabulary, lines, song):
        super().__init__(vocabulary, Beatmap())
        self.layers[Context.TIMING] = encode_timing(Beatmap(timing_points=lines), vocabulary, song)

    def start(self, heard, windows):
        return Recital(self)


@pytest.mark.parametrize("source", [TimingFrom.MODEL, TimingFrom.SUPER])
def test_the_model_may_hear_the_timing(source):
    vocabulary = Vocabulary(tokenizer_of("v32"))
    lines = (RedLine(time=205.0, beat_length=500.0),)
    song = song_of(15)
    ancestor = Ancestor(
        engine=Beats(vocabulary, lines, song.duration), vocabulary=vocabulary, name="b"
    )
    options = AncestorOptions(timing=source, iterations=1, greedy=True, beams=1)
    plan = plan_of(Mode.STD, ancestor=options)
    heard = timed(ancestor, listen(song, TIMING), plan, FixedShift())
    assert heard.timing.lines[0].beat_length == pytest.approx(500, abs=2)
    assert heard.timing.lines[0].time % 500 == pytest.approx(205, abs=12)
    pinned = replace(plan, bpm=150.0)
    assert timed(ancestor, listen(song, TIMING), pinned, FixedShift()).timing == TIMING


class FixedShift:
    """Chance that shifts nothing."""

    def integers(self, low, high, count):
        return np.zeros(count, int)

    def random(self):
        return 0.5


def test_a_song_without_beats_is_one_clear_line():
    vocabulary = Vocabulary(tokenizer_of("v32"))
    ancestor = Ancestor(engine=Beats(vocabulary, (), 9000), vocabulary=vocabulary, name="b")
    options = AncestorOptions(timing=TimingFrom.SUPER, iterations=2)
    with pytest.raises(InputError, match="the model hears no beats in it"):
        timed(
            ancestor, listen(song_of(9), TIMING), plan_of(Mode.STD, ancestor=options), FixedShift()
        )


def test_songs_are_shifted_by_whole_milliseconds():
    samples = np.arange(160.0)
    assert shifted(samples, 2)[:33].tolist() == [0.0] * 32 + [0.0]
    assert shifted(samples, -2).tolist() == samples[32:].tolist()
    assert shifted(samples, 0).tolist() == samples.tolist()


def test_timing_alone_is_a_difficulty_without_objects():
    vocabulary = Vocabulary(tokenizer_of("v32"))
    known = small_map(Mode.STD)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="v32")
    plan = plan_of(Mode.STD, ancestor=AncestorOptions(written=("timing",)))
    heard = listen(song_of(9), Timing(lines=known.red_lines))
    made = generate_with(ancestor, heard, plan, np.random.default_rng(0))
    assert made.beatmap.objects == ()
    assert [line.beat_length for line in made.beatmap.red_lines] == [400, 300]
    assert made.beatmap.general.preview_time == -1
    previewed = replace(plan, metadata=AskedMetadata(preview=4000))
    made = generate_with(ancestor, heard, previewed, np.random.default_rng(0))
    assert made.beatmap.general.preview_time == 4000


def test_kiai_is_put_on_a_map():
    vocabulary = Vocabulary(tokenizer_of("v29"))
    known = small_map(Mode.STD)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="v29")
    options = AncestorOptions(written=("kiai",), greedy=True)
    dark = replace(
        known, timing_points=tuple(replace(each, kiai=False) for each in known.timing_points)
    )
    plan = replace(plan_of(Mode.STD, difficulty=Aim(scale=False)), reference=dark, ancestor=options)
    heard = listen(song_of(9), Timing(lines=known.red_lines))
    made = on_map(heard, plan, ancestor, np.random.default_rng(0), ignore)
    assert made.objects == dark.objects
    assert [start for start, _ in kiai_of(made)] == [start for start, _ in kiai_of(known)]
    velocities = {each.time: getattr(each, "velocity", 1.0) for each in made.timing_points}
    assert velocities[1800] == 2.0


@pytest.mark.parametrize(
    "options",
    [AncestorOptions(written=("kiai",)), AncestorOptions(given=("no_hs",), written=("map",))],
)
@pytest.mark.parametrize("said", [{"title": "Another"}, {"metadata": AskedMetadata(preview=1)}])
def test_what_is_said_of_a_map_that_is_written_onto_is_its_own(options, said):
    known = Known(reference=Path("known.osu"))
    name = next(iter(said))
    with pytest.raises(OptionError, match=f"{name} is that of the reference"):
        plan_of(Mode.STD, ancestor=options, context=known, **said)


@pytest.mark.parametrize("written", [("kiai",), ("timing", "sv")])
def test_what_is_put_on_a_map_needs_one(written):
    with pytest.raises(OptionError, match="needs a map to put it on"):
        plan_of(Mode.STD, ancestor=AncestorOptions(written=written))
