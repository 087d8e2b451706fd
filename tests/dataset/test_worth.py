from dataclasses import replace

import numpy as np
import pytest

from beatheritage.audio.mel import SAMPLE_RATE, log_mel
from beatheritage.dataset.shift import shift
from beatheritage.dataset.worth import (
    LEAST_LIFT,
    LEAST_SHARPNESS,
    MOST_BEHIND,
    Worth,
    chart_worth,
    novelty,
    refuse_stranger,
)
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    Events,
    General,
    GreenLine,
    Hold,
    RedLine,
    Spinner,
)

BEAT_LENGTH = 500.0
# Clicks are heard this much sooner than the music on which the measure was calibrated.
CLICK_LEAD = 9.0
SOUNDS = np.cumsum(np.random.default_rng(3).choice([250.0, 500.0, 750.0], 60)) + 500
# Off the frames of the mel, as sounds are.
SOUNDS += np.random.default_rng(4).uniform(-2, 2, 60)


def chart(times: np.ndarray, line: float = 0.0) -> Beatmap:
    return Beatmap(
        timing_points=(RedLine(time=line, beat_length=BEAT_LENGTH),),
        objects=tuple(Circle(time=float(time), x=0, y=0) for time in times),
    )


@pytest.fixture(scope="module")
def flux() -> np.ndarray:
    samples = np.random.default_rng(0).normal(0, 1e-4, int((SOUNDS[-1] / 1000 + 1) * SAMPLE_RATE))
    samples[np.rint(SOUNDS * SAMPLE_RATE / 1000).astype(int)] += 0.9
    return novelty(log_mel(samples))


@pytest.mark.parametrize("early", [-40, -10, 0, 22, 35, 80])
def test_the_offset_is_how_late_the_sound_comes(early: int, flux: np.ndarray):
    worth = chart_worth(chart(SOUNDS - early), flux)
    assert worth.offset_ms == pytest.approx(early - CLICK_LEAD, abs=2)
    assert worth.sharp


def test_the_offset_of_another_song_is_not_sharp(flux: np.ndarray):
    other = np.sort(np.random.default_rng(1).uniform(500, SOUNDS[-1], 60))
    assert not chart_worth(chart(other), flux).sharp


def test_without_audio_there_is_no_offset():
    worth = chart_worth(chart(np.rint(SOUNDS / 250) * 250), None)
    assert not worth.sharp
    assert worth.on_grid == 1.0


def test_notes_far_behind_the_audio_tell_nothing(flux: np.ndarray):
    assert not chart_worth(chart(SOUNDS + 1e7), flux).sharp


@pytest.mark.parametrize(("off", "share"), [(3.9, 1.0), (4.0, 1.0), (4.1, 0.0)])
def test_on_the_grid_by_four_milliseconds(off: float, share: float):
    # On a fast grid 4 ms would say little: the nearest snap here is 41.7 ms away.
    assert chart_worth(chart(np.arange(10) * BEAT_LENGTH + off), None).on_grid == share


@pytest.mark.parametrize("snap", [1, 2, 3, 4, 6, 8, 12])
def test_snaps_are_on_the_grid(snap: int):
    assert chart_worth(chart(np.arange(30) * BEAT_LENGTH / snap), None).on_grid == 1.0


def test_shift_moves_everything():
    beatmap = Beatmap(
        general=General(preview_time=500),
        events=Events(breaks=(Break(100, 200),)),
        timing_points=(RedLine(time=0, beat_length=500), GreenLine(time=10, velocity=2)),
        objects=(
            Circle(time=10, x=0, y=0),
            Spinner(time=20, end=30),
            Hold(time=40, end=50, x=0),
        ),
    )
    moved = shift(beatmap, 7)
    assert moved.general.preview_time == 507
    assert moved.events.breaks == (Break(107, 207),)
    assert [point.time for point in moved.timing_points] == [7, 17]
    assert [item.time for item in moved.objects] == [17, 27, 47]
    assert [item.end for item in moved.objects if not isinstance(item, Circle)] == [37, 57]
    assert shift(moved, -7) == beatmap
    assert shift(Beatmap(), 7).general.preview_time == -1  # none stays none


FITTING = Worth(
    on_grid=1, offset_ms=22, offset_sharpness=LEAST_SHARPNESS, lift=LEAST_LIFT, behind=MOST_BEHIND
)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, None),
        ({"lift": LEAST_LIFT - 0.01}, "do not fit"),
        ({"offset_sharpness": LEAST_SHARPNESS - 0.01}, "do not fit"),
        ({"behind": MOST_BEHIND + 0.01}, "3% of its notes lie behind the end"),
    ],
)
def test_a_chart_of_another_song_is_refused(changed: dict, told: str | None):
    if told is None:
        refuse_stranger(replace(FITTING, **changed))
        return
    with pytest.raises(InputError, match=told):
        refuse_stranger(replace(FITTING, **changed))


def test_the_lift_tells_a_song_from_another(flux: np.ndarray):
    other = np.sort(np.random.default_rng(1).uniform(500, SOUNDS[-1], 60))
    assert chart_worth(chart(SOUNDS - 22), flux).lift > 4 * chart_worth(chart(other), flux).lift
    assert chart_worth(chart(SOUNDS + 1e7), flux).behind == 1
