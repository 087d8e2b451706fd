import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from beatheritage.evaluate.plots import Axis, Interval, bars, curves, intervals, scatter, strips

ONE = Interval("F1 <std>", 0.6, 0.5, 0.7, 0.68, False)


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def of_kind(svg: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in drawn(svg).iter() if one.get("class") == kind]


def test_an_axis_goes_from_end_to_end():
    axis = Axis([2.0, 4.0], 100, 300)
    assert [axis.at(value) for value in (2, 3, 4)] == [100, 200, 300]
    assert axis.ticks() == pytest.approx([2.0, 2.5, 3.0, 3.5, 4.0])


@pytest.mark.parametrize("values", [[], [3.0, 3.0], [float("nan"), 1.0]])
def test_an_axis_of_nothing_or_one_value_has_a_width(values: list[float]):
    axis = Axis(values, 0, 100)
    assert axis.low < axis.high
    assert axis.ticks()


def test_a_figure_that_misses_its_mark_is_drawn_so():
    missed = of_kind(intervals([ONE]), "missed")
    reached = intervals([ONE._replace(reached=True)])
    assert len(missed) == 1
    assert not of_kind(reached, "missed")
    assert len(of_kind(reached, "target")) == 1
    assert not of_kind(intervals([ONE._replace(target=None)]), "target")


def test_every_chart_is_a_dot():
    svg = strips({"std": [("a", 0.5), ("b", 0.7)], "taiko": []})
    assert len(of_kind(svg, "faint")) == 2
    assert len(of_kind(svg, "target")) == 1


def test_a_curve_rises_from_few_to_all():
    values = np.linspace(0, 10, 500)
    (line, _) = of_kind(curves({"ours": values}, "px"), "ours curve")
    heights = [float(point.split(",")[1]) for point in line.get("points", "").split()]
    assert heights == sorted(heights, reverse=True)


def test_points_on_the_line_are_alike():
    (dot,) = of_kind(
        scatter(
            [
                ("a", 3.0, 3.0),
            ],
            "asked",
            "got",
        ),
        "ours",
    )
    assert dot[0].text == "a: 3.00, 3.00"


def test_a_bar_is_as_long_as_its_value():
    one, two = of_kind(bars([("a", 0.1), ("b", 0.2)]), "ours")
    assert float(two.get("width", 0)) == pytest.approx(2 * float(one.get("width", 0)), abs=0.2)


def test_nothing_is_a_plot_too():
    for svg in (intervals([]), strips({}), curves({}, "px"), scatter([], "a", "b"), bars([])):
        drawn(svg)
