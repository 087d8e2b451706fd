"""Pictures of training are sound SVG, and show what was logged."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.train.curves import MOST_LINES, draw_curves, marks, smooth
from beatheritage.train.history import History

SVG = "{http://www.w3.org/2000/svg}"


def history(learnt, unseen=None):
    steps = max(step for curve in learnt.values() for step, _ in curve)
    return History(
        steps=steps, seconds=1.0, clock="", sittings=1, learnt=learnt, unseen=unseen or {}
    )


def test_a_panel_for_each_loss_and_a_dot_for_each_judgement():
    losses = {name: tuple((step, 1 / step) for step in range(1, 50)) for name in "abcd"}
    drawn = draw_curves(
        history(losses, {"a": ((20, 0.3), (40, 0.2))}), "T", dict.fromkeys(losses, "x < y")
    )
    root = ElementTree.fromstring(drawn)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words.count("x < y") == 4
    assert {"T", "training", "unseen artists"} <= set(words)
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_nothing_is_said_of_unseen_artists_where_there_are_none():
    drawn = draw_curves(history({"loss": ((20, 1.0), (40, 0.5))}), "T", {"loss": "loss"})
    assert "unseen" not in drawn


def test_losses_that_were_not_logged_have_no_panel():
    drawn = draw_curves(history({"a": ((1, 1.0),)}), "T", {"a": "first", "b": "second"})
    assert "first" in drawn
    assert "second" not in drawn


@settings(max_examples=30)
@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60),
    st.lists(st.floats(1e-3, 1e3), max_size=5),
)
def test_everything_stays_in_the_picture(values, judged):
    learnt = {"loss": tuple((10 * (i + 1), value) for i, value in enumerate(values))}
    unseen = {"loss": tuple((10 * (i + 1), value) for i, value in enumerate(judged[: len(values)]))}
    root = ElementTree.fromstring(draw_curves(history(learnt, unseen), "T", {"loss": "loss"}))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for path in root.iter(f"{SVG}path"):
        if "H" not in path.attrib["d"]:
            for point in path.attrib["d"][1:].split("L"):
                x, y = map(float, point.split())
                assert 0 <= x <= width
                assert 0 <= y <= height


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_marks_are_few_and_inside(low, size):
    found = marks(low, low + size)
    assert 1 <= len(found) <= MOST_LINES
    slack = 1e-6 * max(1, abs(low) + size)
    assert all(low - slack <= mark <= low + size + slack for mark in found)


def test_a_smooth_curve_stays_and_a_jagged_one_calms_down():
    level = tuple((step, 2.0) for step in range(0, 100, 2))
    assert smooth(level) == level
    jagged = tuple((step, step % 4 - 1.0) for step in range(0, 100, 2))
    assert max(abs(value) for _, value in smooth(jagged)[3:-3]) < 0.5
    assert smooth(()) == ()


@pytest.mark.parametrize(("low", "high", "expected"), [(0, 1000, [0, 250, 500, 750, 1000])])
def test_marks_are_round(low, high, expected):
    assert marks(low, high) == expected
