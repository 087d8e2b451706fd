"""From a song to a map: always playable, always the same, and a range leaves the rest alone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.generate.songs import CLICK_TIMING, click_song

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models, load_models
from beatheritage.evaluate.validity import faults
from beatheritage.generate.assemble import assemble
from beatheritage.generate.attempts import look_of
from beatheritage.generate.drafting import listen
from beatheritage.generate.pipeline import generate
from beatheritage.generate.place import place
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.polish import polish, usual_steps
from beatheritage.generate.request import Context, Request
from beatheritage.generate.splice import splice
from beatheritage.osu.beatmap import Beatmap, Circle, GreenLine
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import count_objects
from beatheritage.osu.write import save, write
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.timing.grid import TICKS_PER_BEAT
from beatheritage.tokens.beats import decode
from beatheritage.tokens.events import Draft
from beatheritage.tokens.grammar import DraftWriter
from beatheritage.tokens.vocabulary import Token, meaning

MODES = list(Mode)
SECONDS = 16


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def clicks() -> Song:
    return click_song(SECONDS)


def plan_of(song: Song, mode: Mode, stars: float = 4.0, keys: int | None = None) -> Plan:
    request = Request(audio=song.path, mode=mode, stars=stars, seed=3, keys=keys)
    return make_plan(request, song.tags)


def made(
    song: Song, plan: Plan, models: Models, seed: int, on_progress: OnProgress = ignore
) -> Beatmap:
    heard = listen(song, plan.timing or CLICK_TIMING)
    return generate(heard, plan, models, np.random.default_rng(seed), on_progress).beatmap


def sound(beatmap: Beatmap) -> None:
    """What may never happen did not, and the file says what the map says."""
    text = write(beatmap)
    assert faults(beatmap) == []
    assert parse(text).beatmap == beatmap
    assert sum(count_objects(text)) == len(beatmap.objects)


@pytest.mark.parametrize("mode", MODES)
def test_a_map_is_sound_and_the_same_again(mode: Mode, clicks: Song, models: Models) -> None:
    plan = plan_of(clicks, mode, keys=7 if mode is Mode.MANIA else None)
    told: list[Progress] = []
    first = made(clicks, plan, models, 3, told.append)
    assert len(first.objects) > SECONDS / 2
    sound(first)
    assert write(made(clicks, plan, models, 3)) == write(first)
    assert write(made(clicks, plan, models, 4)) != write(first)
    shares = [each.share for each in told if each.stage == "writing"]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_stopping_the_listener_stops_the_work(clicks: Song, models: Models) -> None:
    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(clicks, plan_of(clicks, Mode.STD), models, 0, stop)


@pytest.mark.parametrize("mode", [Mode.STD, Mode.MANIA])
def test_a_range_is_written_between_its_past_and_its_future(
    mode: Mode, clicks: Song, models: Models, tmp_path: Path
) -> None:
    whole = made(clicks, plan_of(clicks, mode), models, 1)
    file = tmp_path / "whole.osu"
    file.write_bytes(write(whole).encode())
    plan = make_plan(Request(audio=Path("clicks.wav"), within=file, start=5000, end=9000))
    within = plan.within
    assert within is not None
    fresh = made(clicks, plan, models, 2)
    assert fresh.mode is mode
    assert all(5000 - 2 <= item.time < 9000 + 2 for item in fresh.objects)
    again = parse(splice(within.content, fresh, within.start, within.end)).beatmap
    assert faults(again) == []

    def outside(beatmap: Beatmap) -> list[object]:
        return [item for item in beatmap.objects if not 5000 <= item.time < 9000]

    assert outside(again) == outside(whole)
    assert again.objects != whole.objects


def test_a_range_that_comes_out_empty_is_told(models: Models, tmp_path: Path) -> None:
    silent = Song(path=Path("rest.wav"), samples=np.zeros(SECONDS * SAMPLE_RATE, np.float32))
    file = tmp_path / "map.osu"
    circles = tuple(Circle(time=345.0 + 345 * index, x=99, y=99) for index in range(30))
    save(file, Beatmap(timing_points=CLICK_TIMING.lines, objects=circles))
    plan = make_plan(Request(audio=Path("rest.wav"), within=file, start=5000, end=5015))
    fresh = generate(listen(silent, CLICK_TIMING), plan, models, np.random.default_rng(0))
    assert fresh.beatmap.objects == ()
    (line,) = fresh.warnings
    assert line.startswith("nothing was written from 00:05:000 to 00:05:015: no onsets")


def test_kiai_is_that_of_the_reference(models, clicks, tmp_path):
    lines = (
        *CLICK_TIMING.lines,
        GreenLine(time=3000, velocity=1.0, kiai=True),
        GreenLine(time=6000, velocity=1.0),
    )
    file = tmp_path / "reference.osu"
    objects = tuple(Circle(time=345.0 + 345 * index, x=99, y=99) for index in range(30))
    save(file, Beatmap(timing_points=lines, objects=objects))
    asked = Request(audio=Path("clicks.wav"), stars=3.0, context=Context(reference=file))
    plan = make_plan(asked)
    assert plan.timing is not None
    heard = listen(clicks, plan.timing)
    beatmap = generate(heard, plan, models, np.random.default_rng(1)).beatmap
    pace = Pace(beatmap)
    on = [pace.at(time).kiai for time in (2900, 3100, 5900, 6100)]
    assert on == [False, True, True, False]


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Mode, int, Draft]:
    """What a mapper that knows nothing but the grammar would write."""
    mode, keys = draw(st.sampled_from(MODES)), draw(st.integers(4, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    eager = draw(st.floats(0.5, 0.98))
    beats = 12
    writer = DraftWriter(mode=mode, keys=keys, limit=beats * TICKS_PER_BEAT)
    writer.open(0)
    tokens = []
    while writer.beat < beats:
        options = np.flatnonzero(writer.allowed())
        is_beat = np.array([meaning(int(each))[0] is Token.BEAT for each in options])
        chances = np.where(is_beat, 1 - eager, eager / max(1, np.count_nonzero(~is_beat)))
        token = int(rng.choice(options, p=chances / chances.sum()))
        writer.push(token)
        tokens.append(token)
    return mode, keys, Draft(events=tuple(decode(tokens, mode, keys, 0, beats * 48)))


@given(drafts(), st.floats(1, 7))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_grammar_admits_becomes_a_sound_map(
    clicks: Song, models: Models, drawn: tuple[Mode, int, Draft], stars: float
) -> None:
    mode, keys, draft = drawn
    if not draft.events:
        return
    plan = plan_of(clicks, mode, stars, keys if mode is Mode.MANIA else None)
    objects = place(draft, CLICK_TIMING, look_of(plan), models.placer, np.random.default_rng(0))
    beatmap = assemble(objects, draft, CLICK_TIMING, plan, clicks)
    polished = polish(beatmap, usual_steps(level_of(stars), clicks.duration))
    if polished.objects:
        sound(polished)
