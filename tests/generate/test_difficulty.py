"""The search for stars, on functions instead of maps."""

from collections.abc import Callable
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.difficulty import (
    AS_PLANNED,
    CLOSE,
    FEW_TRIMS,
    MET,
    MISSED,
    MOST_BETWEEN,
    MOST_PUSH,
    MOST_REDRAFTS,
    MOST_TRIMS,
    Knobs,
    Met,
    next_push,
    push_between,
    search,
    trim,
)

REACH = 0.12
TARGET = 4.0


class Counted:
    """A rating that counts drafts and trims."""

    def __init__(self, stars: Callable[[Knobs], float]) -> None:
        self._stars, self.asked = stars, list[Knobs]()

    def __call__(self, knobs: Knobs) -> float:
        self.asked.append(knobs)
        return self._stars(knobs)

    @property
    def redrafts(self) -> int:
        return len({knobs.push for knobs in self.asked} - {0.0})


def linear(at_zero: float, slope: float = 0.8) -> Counted:
    return Counted(lambda knobs: (at_zero + slope * knobs.push) * (1 + REACH * knobs.trim))


@pytest.mark.parametrize("at_zero", [2.2, 3.0, 3.9, 4.0, 4.3, 5.5, 6.0])
@pytest.mark.parametrize("slope", [0.8, 1.2, 2.0])
def test_a_plain_rating_is_met(at_zero: float, slope: float) -> None:
    rate = linear(at_zero, slope)
    met = search(rate, TARGET, REACH)
    assert abs(met.stars - TARGET) <= CLOSE
    assert rate(met.knobs) == met.stars


@pytest.mark.parametrize("off", [CLOSE - 0.001, -CLOSE + 0.001])
def test_what_is_near_enough_is_left_alone(off: float) -> None:
    rate = linear(TARGET + off)
    assert search(rate, TARGET, REACH) == Met(AS_PLANNED, TARGET + off)
    assert rate.asked == [AS_PLANNED]


def test_just_past_near_enough_is_trimmed_and_not_written_anew() -> None:
    rate = linear(TARGET + CLOSE + 0.001)
    assert search(rate, TARGET, REACH).knobs.trim < 0
    assert rate.redrafts == 0


@pytest.mark.parametrize(("apart", "trims"), [(MET - 0.001, FEW_TRIMS), (MET + 0.001, MOST_TRIMS)])
def test_a_rating_that_goes_by_steps_is_trimmed_a_few_times(apart: float, trims: int) -> None:
    rate = Counted(lambda knobs: TARGET + (apart if knobs.trim > -0.4 else -2 * apart))
    trim(rate, Met(AS_PLANNED, TARGET + apart), TARGET, REACH)
    assert len(rate.asked) == trims


def test_what_trimming_can_do_is_not_written_anew() -> None:
    within, beyond = linear(TARGET * (1 - REACH + 0.01)), linear(TARGET * (1 - REACH - 0.01))
    search(within, TARGET, REACH)
    search(beyond, TARGET, REACH)
    assert (within.redrafts, beyond.redrafts) == (0, 1)


def test_out_of_reach_ends_at_the_bounds() -> None:
    rate = linear(1.0, 0.2)
    met = search(rate, TARGET, REACH)
    assert met.knobs == Knobs(MOST_PUSH, 1.0)
    assert met.stars < TARGET - MISSED


def test_a_rating_that_bends_is_met() -> None:
    rate = Counted(lambda knobs: 3 * exp(0.3 * knobs.push) * (1 + 0.1 * knobs.trim**3))
    assert abs(search(rate, TARGET, REACH).stars - TARGET) <= CLOSE


@given(
    st.floats(0, 10),
    st.floats(0.5, 8),
    st.functions(like=lambda push, trim: 0.0, returns=st.floats(-1.5, 1.5), pure=True),
)
def test_whatever_the_rating_does_the_result_is_no_further_off(
    at_zero: float, target: float, noise: Callable[..., float]
) -> None:
    rate = Counted(lambda knobs: at_zero + knobs.push + noise(knobs.push, knobs.trim))
    met = search(rate, target, REACH)
    assert met.stars == rate(met.knobs)
    assert abs(met.stars - target) <= abs(rate(AS_PLANNED) - target)
    assert all(abs(knobs.push) <= MOST_PUSH and abs(knobs.trim) <= 1 for knobs in rate.asked)
    most = MOST_REDRAFTS + MOST_BETWEEN
    assert rate.redrafts <= most
    assert len(set(rate.asked)) <= (most + 1) * (MOST_TRIMS + 1)


def test_drafts_that_leap_over_what_was_asked_are_followed_by_some_between() -> None:
    """As a song in taiko that came out at 5.1 with a push of 1.2 and at 8.5 with one of 3."""
    knots = (0.0, 1.24, 1.6, 2.2, MOST_PUSH), (4.76, 5.1, 5.4, 7.2, 8.46)
    rate = Counted(lambda knobs: float(np.interp(knobs.push, *knots)) * (1 + 0.03 * knobs.trim))
    assert abs(search(rate, 6.0, 0.25).stars - 6.0) <= MISSED
    assert MOST_REDRAFTS < rate.redrafts <= MOST_REDRAFTS + MOST_BETWEEN


def test_what_lies_on_one_side_of_all_drafts_is_not_looked_for_between() -> None:
    assert push_between([Met(AS_PLANNED, 3.0), Met(Knobs(1.0), 3.5)], 4.0) is None
    between = push_between([Met(AS_PLANNED, 3.0), Met(Knobs(1.0), 5.0)], 4.0)
    assert between == pytest.approx(0.5)


def test_a_flat_pair_of_drafts_does_not_push_without_bound() -> None:
    flat = [Met(Knobs(0.0), 3.0), Met(Knobs(1.0), 3.0)]
    assert next_push(flat, 5.0) == MOST_PUSH
    assert next_push([Met(AS_PLANNED, 3.0)], 3.5) == 0.5
