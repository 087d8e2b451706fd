"""A curve is read as it is typed, and lifts where it rises."""

import numpy as np
import pytest

from beatheritage.errors import OptionError
from beatheritage.generate.curve import CLOSER, LIFT, Curve, parse_curve

RISING = parse_curve("0:0.5, 60:1.0")


def test_a_curve_is_a_line_through_its_knots() -> None:
    times = np.array([-1000.0, 0, 30_000, 60_000, 90_000])
    assert Curve(knots=((0.0, 0.5), (60.0, 1.0))) == RISING
    assert RISING.shares(times) == pytest.approx([0.5, 0.5, 0.75, 1, 1])


def test_the_peak_is_left_alone_and_less_is_asked_elsewhere() -> None:
    lift = RISING.lift(np.array([0.0, 30_000, 60_000]))
    assert lift == pytest.approx([LIFT * np.log(0.5), LIFT * np.log(0.75), 0])


def test_objects_come_closer_where_it_is_low() -> None:
    spacing = RISING.spacing(np.array([0.0, 30_000, 60_000]))
    assert spacing == pytest.approx([0.5**CLOSER, 0.75**CLOSER, 1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("up", "seconds and shares, not 'up'"),
        ("0:0.5,", "seconds and shares, not ''"),
        ("0:0.5:1", "seconds and shares"),
        ("60:1,0:0.5", "must go on in time: 0 s stands behind 60 s"),
        ("0:1,0:0.5", "must go on in time"),
        ("-1:1", "-1 s is no time in a song"),
        ("nan:1", "nan s is no time in a song"),
        ("0:0.09", "from 0.1 to 1, not 0.09"),
        ("0:1.01", "from 0.1 to 1, not 1.01"),
        ("0:nan", "from 0.1 to 1, not nan"),
    ],
)
def test_what_is_no_curve_is_told(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_curve(text)


@pytest.mark.parametrize("text", ["0:0.1", "5:1"])
def test_the_ends_of_the_range_are_shares(text: str) -> None:
    parse_curve(text)
