"""The stars that are asked for are met, and what was not asked for is left alone."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.generate.songs import DEMO, DEMO_TIMING

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.engine.models import Models, load_models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.attempts import (
    BIAS_PER_PUSH,
    CONDITIONS,
    FARTHEST,
    MOST_TRIMMED,
    Attempts,
    look_of,
    pushed,
    shares,
)
from beatheritage.generate.difficulty import AS_PLANNED, MISSED, MOST_PUSH, Knobs
from beatheritage.generate.drafting import Heard, hear_task, listen, write_draft
from beatheritage.generate.pipeline import Generated, generate
from beatheritage.generate.place import place
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.repair.finish import finish
from beatheritage.generate.request import Aim, Request, Settings
from beatheritage.osu.beatmap import Beatmap, Hold
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import count_objects, stars, strains
from beatheritage.osu.write import write
from beatheritage.progress import Progress, ignore

SKIPPED_SECONDS, SECONDS = 19.2, 20  # twelve bars of it


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def heard() -> Heard:
    """The middle of the demo song."""
    song = read_song(DEMO)
    first = round(SKIPPED_SECONDS * SAMPLE_RATE)
    part = song.samples[first : first + SECONDS * SAMPLE_RATE]
    return listen(replace(song, samples=part), DEMO_TIMING)


def plan_of(mode: Mode, asked: float) -> Plan:
    return make_plan(Request(audio=DEMO, mode=mode, stars=asked))


def made(heard: Heard, plan: Plan, models: Models) -> Generated:
    return generate(heard, plan, models, np.random.default_rng((0, 0)))


@pytest.mark.parametrize(
    ("mode", "asked"),
    [(Mode.STD, 4.2), (Mode.TAIKO, 3.5), (Mode.CATCH, 2.0), (Mode.MANIA, 2.8)],
)
def test_stars_are_met_and_no_further_off_than_unscaled(
    mode: Mode, asked: float, heard: Heard, models: Models
) -> None:
    plan = replace(plan_of(mode, asked), settings=Settings(overall_difficulty=6.6))
    scaled = made(heard, plan, models)
    plain = made(heard, replace(plan, difficulty=Aim(scale=False)), models)
    assert scaled.stars == stars(scaled.beatmap)
    assert abs(scaled.stars - asked) <= MISSED
    assert abs(scaled.stars - asked) <= abs(plain.stars - asked)
    assert scaled.beatmap.difficulty == plain.beatmap.difficulty
    assert scaled.beatmap.difficulty.overall_difficulty == 6.6
    assert scaled.reach is None


@pytest.mark.parametrize("mode", [Mode.STD, Mode.MANIA])
def test_whoever_watches_sees_the_map_grow_and_changes_nothing(
    mode: Mode, heard: Heard, models: Models
) -> None:
    seen: list[Beatmap] = []

    def watch(progress: Progress) -> None:
        if progress.sketch is not None:
            assert progress.stage == "writing"
            seen.append(progress.sketch())

    plan = replace(plan_of(mode, 3.0), difficulty=Aim(scale=False))
    watched = generate(heard, plan, models, np.random.default_rng((0, 0)), watch)
    assert write(watched.beatmap) == write(made(heard, plan, models).beatmap)
    assert len(seen) > 1
    for earlier, later in pairwise(seen):
        assert earlier.objects == later.objects[: len(earlier.objects)]
    assert seen[0].objects
    assert len(seen[-1].objects) == pytest.approx(len(watched.beatmap.objects), rel=0.1)
    assert count_objects(write(seen[-1]).encode()).total == len(seen[-1].objects)


def test_without_the_loop_nothing_but_the_stages_is_run(heard: Heard, models: Models) -> None:
    plan = replace(plan_of(Mode.STD, 3.0), difficulty=Aim(scale=False))
    rng = np.random.default_rng((0, 0))
    task = hear_task(heard, plan, models.mapper)
    draft = write_draft(task, DEMO_TIMING, plan, models.mapper, rng)
    objects = place(draft, DEMO_TIMING, look_of(plan), models.placer, rng)
    beatmap = assemble(objects, draft, DEMO_TIMING, plan, heard.song, models.name)
    finished = finish(beatmap, level_of(plan.stars), heard.song.duration, plan.quality)
    assert write(made(heard, plan, models).beatmap) == write(finished.beatmap)


def test_what_a_song_cannot_carry_is_told_with_what_it_can(heard: Heard, models: Models) -> None:
    plan = plan_of(Mode.TAIKO, 9.0)
    short = made(heard, plan, models)
    assert short.reach is not None
    low, high = short.reach
    assert low < high < plan.stars
    assert f"carries {low:.1f} to {high:.1f} stars" in short.warnings[0]
    for end in (low, high):
        assert made(heard, replace(plan, stars=end), models).reach is None


@pytest.mark.parametrize("mode", [Mode.STD, Mode.MANIA])
def test_a_rising_curve_makes_a_rising_map(mode: Mode, heard: Heard, models: Models) -> None:
    asked = Request(audio=DEMO, mode=mode, stars=4.0, difficulty=Aim(scale=False))

    def climb(curve: str) -> float:
        """The strain of the later half over that of both, the mean of three maps."""
        plan, half, shares = make_plan(replace(asked, curve=curve)), SECONDS * 500, []
        for seed in range(3):
            beatmap = generate(heard, plan, models, np.random.default_rng((seed, 0))).beatmap
            along = strains(beatmap).at(np.arange(0, 2 * half, 400.0))
            shares.append(along[len(along) // 2 :].sum() / along.sum())
        return float(np.mean(shares))

    assert climb("0:0.4,20:1") > climb("0:1,20:0.4") + 0.03


def test_an_attempt_is_what_its_knobs_say(heard: Heard, models: Models) -> None:
    plan = plan_of(Mode.TAIKO, 3.5)
    rng = np.random.default_rng((0, 0))
    forth, back = (Attempts(heard, plan, models, rng, ignore) for _ in range(2))
    asked = [AS_PLANNED, Knobs(trim=-0.5), Knobs(trim=0.5)]
    for knobs in asked:
        forth.made(knobs)
    assert [back.made(knobs) for knobs in reversed(asked)] == [
        forth.made(knobs) for knobs in reversed(asked)
    ]
    fewer, plain, more = (len(forth.made(asked[index]).objects) for index in (1, 0, 2))
    assert fewer < plain < more


@pytest.mark.parametrize(
    ("trim", "factor", "share"),
    [
        (0.0, 1.0, 0.0),
        (0.5, FARTHEST[Mode.STD], 0.0),
        (-0.5, 1 / FARTHEST[Mode.STD], 0.0),
        (0.75, FARTHEST[Mode.STD], MOST_TRIMMED / 2),
        (-1.0, 1 / FARTHEST[Mode.STD], MOST_TRIMMED),
    ],
)
def test_places_give_way_first(trim: float, factor: float, share: float) -> None:
    assert shares(Mode.STD, trim) == pytest.approx((factor, share))


def test_where_places_make_no_stars_notes_give_way() -> None:
    assert shares(Mode.TAIKO, -0.5) == (1.0, MOST_TRIMMED / 2)
    assert shares(Mode.MANIA, 0.0) == (1.0, 0.0)


@pytest.mark.parametrize("push", [-MOST_PUSH, -1.0, 1.0, MOST_PUSH])
def test_a_push_changes_eagerness(push: float) -> None:
    plan = replace(plan_of(Mode.STD, 4.0), onset_bias=0.25)
    assert pushed(plan, push).onset_bias == pytest.approx(0.25 + push * BIAS_PER_PUSH)
    assert pushed(plan, 0.0) is plan


def test_a_push_writes_more_and_nothing_else(heard: Heard, models: Models) -> None:
    attempts = Attempts(heard, plan_of(Mode.MANIA, 4.0), models, np.random.default_rng(0), ignore)
    plain, hard = (attempts.made(Knobs(push=push)).objects for push in (0.0, MOST_PUSH))
    held, held_hard = (
        sum(isinstance(one, Hold) for one in objects) / len(objects) for objects in (plain, hard)
    )
    assert len(hard) > 1.3 * len(plain)
    assert held_hard == pytest.approx(held, abs=0.04)


@pytest.mark.parametrize("asked", [0.5, 4.0, 9.0, 10.0])
def test_a_push_ends_where_the_mapper_does_and_goes_up_sooner_than_down(asked: float) -> None:
    plan = plan_of(Mode.STD, asked)
    down, softer, harder, up = (
        pushed(plan, push).stars for push in (-MOST_PUSH, -0.5, 0.5, MOST_PUSH)
    )
    assert (down, up) == CONDITIONS
    inside = float(np.clip(asked, *CONDITIONS))
    assert softer == pytest.approx(inside, abs=0.3)
    assert harder >= softer
