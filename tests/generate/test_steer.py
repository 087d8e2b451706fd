"""What is asked of a style is met, by a model that knows nothing of it: tiny and untrained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.tiny import random_score, tiny_mapper

from beatheritage.engine.torch import TorchMapper
from beatheritage.generate.attempts import pushed
from beatheritage.generate.compose import Span, Task, compose
from beatheritage.generate.density import NOISE
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.polish import SHORTEST_HOLD, shortest_hold
from beatheritage.generate.quality.style import AskedStyle
from beatheritage.generate.request import Request
from beatheritage.generate.steer import Steering
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.grammar import DraftWriter
from beatheritage.tokens.prompt import KNOBS, QUARTER_TICKS, SIZE, measure_style
from beatheritage.tokens.vocabulary import Token, ids

BEATS = 96
TICK_MS = 7.0
ALL_AND_NOTHING = [
    (mode, name)
    for mode in Mode
    for name in KNOBS[mode]
    if name in ("slider_share", "hold_share", "hitsounding")
]


@pytest.fixture(scope="module")
def engine() -> TorchMapper:
    return TorchMapper(tiny_mapper())


@pytest.fixture(scope="module")
def task(engine: TorchMapper) -> Task:
    memory = engine.encode(random_score(BEATS), np.zeros(SIZE, np.float32))
    rng = np.random.default_rng(0)  # an untrained encoder hears the same everywhere
    heard = replace(memory, onsets=rng.normal(-4, 3, len(memory.onsets)).astype(np.float32))
    return Task(
        memory=heard,
        origin=0,
        span=Span(first=8, last=BEATS - 8),
        there=np.ones(len(heard.onsets), bool),
        tick_ms=TICK_MS,
    )


def plan_of(mode: Mode, style: AskedStyle, stars: float = 4.5) -> Plan:
    return make_plan(Request(audio=Path("song.mp3"), mode=mode, style=style, stars=stars))


def written(task: Task, engine: TorchMapper, plan: Plan) -> tuple[Event, ...]:
    return compose(task, engine, plan, np.random.default_rng(1), lambda _share, _events: None)


@pytest.mark.parametrize("mode", Mode)
def test_nothing_is_written_at_ticks_that_the_song_has_not(task, engine, mode):
    ticks = {event.tick for event in written(task, engine, plan_of(mode, AskedStyle()))}
    there = np.arange(len(task.there)) % 96 < 60
    fewer = {
        event.tick
        for event in written(replace(task, there=there), engine, plan_of(mode, AskedStyle()))
    }
    assert any(not there[tick] for tick in ticks)
    assert fewer
    assert all(there[tick] for tick in fewer)


def got(task: Task, engine: TorchMapper, mode: Mode, name: str, asked: float) -> float:
    plan = plan_of(mode, AskedStyle(**{name: asked}))
    return getattr(measure_style(written(task, engine, plan)), name)


@pytest.mark.parametrize(("mode", "name"), ALL_AND_NOTHING)
def test_nothing_is_nothing_and_all_as_near_as_can_be(
    mode: Mode, name: str, task: Task, engine: TorchMapper
) -> None:
    assert got(task, engine, mode, name, 0) == 0
    assert got(task, engine, mode, name, 1) > 0.3  # untrained, it writes spinners


@pytest.mark.parametrize("asked", [0.2, 0.4, 0.6])
def test_holds_are_as_many_as_asked(asked: float, task: Task, engine: TorchMapper) -> None:
    """To a few notes: untrained, it writes holds of many bars, and so few objects."""
    events = written(task, engine, plan_of(Mode.MANIA, AskedStyle(hold_share=asked)))
    holds = sum(event.kind is Kind.HOLD for event in events)
    assert holds == pytest.approx(asked * len(events), abs=8)


@pytest.mark.parametrize("stars", [1.5, 2.5, 3.5, 6.0])
def test_holds_that_are_asked_for_last(stars: float, task: Task, engine: TorchMapper) -> None:
    events = written(task, engine, plan_of(Mode.MANIA, AskedStyle(hold_share=0.5), stars))
    lasting = [event.end - event.tick for event in events if event.kind is Kind.HOLD]
    assert lasting
    assert min(lasting) >= shortest_hold(level_of(stars))
    assert min(lasting) * TICK_MS > SHORTEST_HOLD


def test_no_stream_at_all(task: Task, engine: TorchMapper) -> None:
    assert got(task, engine, Mode.TAIKO, "stream_share", 0) == 0


def test_where_a_density_is_asked_for_a_bias_changes_nothing(
    task: Task, engine: TorchMapper
) -> None:
    plan = plan_of(Mode.TAIKO, AskedStyle(density=0.4))
    assert written(task, engine, replace(plan, onset_bias=2.0)) == written(task, engine, plan)


def test_a_high_density_fills_more_quarter_beats_and_not_each_with_more() -> None:
    onsets = np.full(16 * TICKS_PER_BEAT, -3.0, np.float32)
    onsets[::QUARTER_TICKS] = -1.0  # the likeliest of every quarter beat
    onsets[:: 2 * QUARTER_TICKS] = 2.0
    steering = Steering(plan_of(Mode.STD, AskedStyle(density=0.9)), onsets, 0)
    writer = DraftWriter(mode=Mode.STD, keys=4, limit=16 * TICKS_PER_BEAT)
    writer.open(0)
    bias = np.broadcast_to(steering.onset_bias(writer), (TICKS_PER_BEAT,))
    assert (bias[::QUARTER_TICKS] > 0).all()
    assert np.delete(bias, np.arange(0, TICKS_PER_BEAT, QUARTER_TICKS)).max() == 0


def test_no_tick_is_open_whose_odds_lie_under_the_floor() -> None:
    onsets = np.full(16 * TICKS_PER_BEAT, NOISE - 0.01, np.float32)
    onsets[::QUARTER_TICKS] = NOISE
    plan = pushed(plan_of(Mode.TAIKO, AskedStyle()), 1.0)
    assert plan.onset_floor == NOISE
    writer = DraftWriter(mode=Mode.TAIKO, keys=4, limit=16 * TICKS_PER_BEAT)
    writer.open(0)
    ticks = ids(Token.TICK)
    allowed = Steering(plan, onsets, 0).narrowed(writer.allowed(), writer)
    opened = np.flatnonzero(allowed[ticks.start : ticks.stop])
    assert set(opened.tolist()) == set(range(0, TICKS_PER_BEAT, QUARTER_TICKS))
