"""No option without an effect: each one changes the map that comes out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.generate.songs import DEMO, DEMO_TIMING

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models, load_models
from beatheritage.generate.attempts import look_of
from beatheritage.generate.drafting import hear_task, listen, write_draft
from beatheritage.generate.pipeline import generate
from beatheritage.generate.place import place
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.request import Aim, Request, Sampling, Settings
from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing
from beatheritage.tokens.events import Draft, Event
from beatheritage.tokens.moves import SPACING_UNIT_PX
from beatheritage.tokens.prompt import Style, measure_style

TIMING = Timing(lines=(RedLine(time=500.0, beat_length=400.0),))


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def song() -> Song:
    """Sixteen seconds of drums on the quarters and softer ones between."""
    samples = np.zeros(16 * SAMPLE_RATE, np.float32)
    rng = np.random.default_rng(2)
    for index, time in enumerate(np.arange(0.5, 15.5, 0.1)):
        level = (0.5, 0.1, 0.25, 0.1)[index % 4]
        start = int((time + 0.022) * SAMPLE_RATE)
        samples[start : start + 1200] += rng.normal(0, level, 1200) * np.exp(-np.arange(1200) / 250)
    return Song(path=Path("Artist - Drums.wav"), samples=samples)


def plan_of(song: Song, mode: Mode = Mode.STD) -> Plan:
    """Without the search for the stars, which may undo what an option does."""
    request = Request(audio=song.path, mode=mode, stars=4.5, seed=5, difficulty=Aim(scale=False))
    return make_plan(request, song.tags)


def made(song: Song, plan: Plan, models: Models) -> Beatmap:
    return generate(listen(song, TIMING), plan, models, np.random.default_rng(5)).beatmap


def written(song: Song, plan: Plan, models: Models, seed: int) -> Draft:
    task = hear_task(listen(song, TIMING), plan, models.mapper)
    return write_draft(task, TIMING, plan, models.mapper, np.random.default_rng(seed))


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=0.2),
        Sampling(top_p=0.2),
        Sampling(top_k=1),
        Sampling(repetition_penalty=2.0),
    ],
)
def test_sampling_changes_the_map(sampling: Sampling, song: Song, models: Models) -> None:
    plan = plan_of(song)
    plain = made(song, plan, models)
    assert made(song, replace(plan, sampling=sampling), models).objects != plain.objects


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        ("approach_rate", 3.3, "approach_rate"),
        ("overall_difficulty", 3.3, "overall_difficulty"),
        ("hp_drain", 3.3, "hp_drain"),
        ("circle_size", 3.3, "circle_size"),
        ("slider_multiplier", 2.2, "slider_multiplier"),
    ],
)
def test_settings_are_written_as_asked(
    field: str, value: float, written: str, song: Song, models: Models
) -> None:
    plan = replace(plan_of(song), settings=Settings(**{field: value}))
    assert getattr(made(song, plan, models).difficulty, written) == value


@pytest.mark.parametrize(
    ("measure", "mode", "tolerance"),
    [
        ("slider_share", Mode.STD, 0.08),  # of some fifty objects
        ("stream_share", Mode.STD, 0.1),
        ("hitsounding", Mode.STD, 0.1),
        ("hitsounding", Mode.TAIKO, 0.05),
        ("hold_share", Mode.MANIA, 0.05),  # of sixteen seconds
    ],
)
def test_a_style_asked_for_is_a_style_got(
    measure: str, mode: Mode, tolerance: float, song: Song, models: Models
) -> None:
    for asked in (0.2, 0.5):
        plan = replace(plan_of(song, mode), style=Style(**{measure: asked}))
        got = getattr(measure_style(written(song, plan, models, 0).events), measure)
        assert got == pytest.approx(asked, abs=tolerance)


@pytest.mark.parametrize("asked", [0.2, 0.5, 0.6])
def test_a_density_asked_for_is_a_density_got(asked: float, models: Models) -> None:
    song = read_song(DEMO)
    plan = replace(plan_of(song), style=Style(density=asked))
    task = hear_task(listen(song, DEMO_TIMING), plan, models.mapper)
    draft = write_draft(task, DEMO_TIMING, plan, models.mapper, np.random.default_rng(0))
    assert measure_style(draft.events).density == pytest.approx(asked, abs=0.06)


def test_spacing_asked_for_is_spacing_got(song: Song, models: Models) -> None:
    beats = [Event(tick=tick, end=tick) for tick in range(0, 48 * 48, 24)]
    draft = Draft(events=tuple(beats))

    def mean_move(spacing: float) -> float:
        look = look_of(replace(plan_of(song), style=Style(spacing=spacing)))
        moves = []
        for seed in range(3):
            objects = place(draft, TIMING, look, models.placer, np.random.default_rng(seed))
            places = np.array([(item.x, item.y) for item in objects])
            moves.append(np.hypot(*np.diff(places, axis=0).T).mean())
        return float(np.mean(moves))

    for asked in (0.2, 0.5):
        assert mean_move(asked) / SPACING_UNIT_PX == pytest.approx(asked, abs=0.05)


def test_stars_asked_for_make_it_harder(song: Song, models: Models) -> None:
    from beatheritage.osu.stars import stars

    easy, hard = (made(song, replace(plan_of(song), stars=asked), models) for asked in (2.0, 6.0))
    assert stars(hard) > stars(easy) + 1


@pytest.mark.parametrize("mode", [Mode.STD, Mode.MANIA])
def test_a_bias_of_the_onsets_makes_more_objects(mode: Mode, song: Song, models: Models) -> None:
    counts = []
    for bias in (-6.0, 0.0, 6.0):  # the drums are plain to hear
        plan = replace(plan_of(song, mode), onset_bias=bias)
        draft = written(song, plan, models, 5)
        counts.append(len({event.tick for event in draft.events}))
    assert counts[0] < counts[1] < counts[2]
