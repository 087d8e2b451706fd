import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.osu.beatmap import CurveKind, Point, Slider
from beatheritage.osu.curve import TOLERANCE_PX, as_bezier, flatten, slider_path

ORIGIN = Point(0, 0)
PERFECT, BEZIER, LINEAR, CATMULL = (
    CurveKind.PERFECT,
    CurveKind.BEZIER,
    CurveKind.LINEAR,
    CurveKind.CATMULL,
)
places = st.builds(Point, st.integers(-200, 700), st.integers(-200, 600))
kinds = st.sampled_from(CurveKind)


def points(*pairs):
    return tuple(Point(*pair) for pair in pairs)


def cubic(control, t):
    a, b, c, d = (np.array(point) for point in control)
    return (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d


class TestLinear:
    def test_length_and_places(self):
        path = flatten(ORIGIN, LINEAR, points((3, 4), (3, 14)))
        assert path.length == 15
        assert path.at(2.5) == (1.5, 2)
        assert path.at(10) == (3, 9)
        assert path.end == (3, 14)

    def test_places_beyond_the_ends_are_the_ends(self):
        path = flatten(ORIGIN, LINEAR, points((3, 4)))
        assert path.at(-1) == (0, 0)
        assert path.at(6) == (3, 4)


class TestPerfect:
    @pytest.mark.parametrize(
        ("through", "end", "turn"),
        [
            ((100, 100), (200, 0), math.pi),
            ((100, -100), (200, 0), math.pi),
            ((200, 0), (100, 100), 1.5 * math.pi),
            ((200, 0), (100, -100), 1.5 * math.pi),
        ],
    )
    def test_arcs_of_a_circle(self, through, end, turn):
        path = flatten(ORIGIN, PERFECT, points(through, end))
        assert path.length == pytest.approx(100 * turn, abs=0.02)
        from_centre = np.hypot(*(path.points - (100, 0)).T)
        assert np.abs(from_centre - 100).max() < 1e-9
        assert np.hypot(*(path.points - through).T).min() < 1.0
        assert path.end == end

    def test_three_points_on_a_line_are_a_line(self):
        assert flatten(ORIGIN, PERFECT, points((10, 0), (5, 0))).length == 15

    @pytest.mark.parametrize("more", [((50, 80),), ((50, 80), (90, 0), (120, 40))])
    def test_other_counts_are_bezier(self, more):
        perfect, bezier = (flatten(ORIGIN, kind, points(*more)) for kind in (PERFECT, BEZIER))
        assert np.array_equal(perfect.points, bezier.points)

    @pytest.mark.parametrize(("sweep", "is_arc"), [(5.1, True), (5.2, False)])
    def test_an_arc_of_a_thousand_points_is_bezier(self, sweep, is_arc):
        # At this radius osu! would take a thousand points for 5.16 radians.
        radius, angle = 30_000, math.pi + sweep
        end = (radius + radius * math.cos(angle), radius * math.sin(angle))
        path = flatten(ORIGIN, PERFECT, points((2 * radius, 0), end))
        from_centre = np.hypot(*(path.points - (radius, 0)).T)
        assert (np.abs(from_centre - radius).max() < 1) == is_arc


class TestBezier:
    def test_a_cubic_is_what_the_formula_says(self):
        control = points((0, 0), (40, 120), (160, -80), (200, 50))
        path = flatten(control[0], BEZIER, control[1:])
        exact = np.array([cubic(control, t) for t in np.linspace(0, 1, 5001)])
        length = np.hypot(*np.diff(exact, axis=0).T).sum()
        assert path.length == pytest.approx(length, abs=0.02)
        for place in path.points[::5]:
            assert np.hypot(*(exact - place).T).min() < 2 * TOLERANCE_PX + 0.05

    def test_a_doubled_point_is_a_corner(self):
        path = flatten(ORIGIN, BEZIER, points((100, 0), (100, 0), (100, 50)))
        assert path.length == 150
        assert path.at(100) == (100, 0)

    def test_a_doubled_last_point_is_none(self):
        path = flatten(ORIGIN, BEZIER, points((100, 0), (100, 50), (100, 50)))
        assert path.length < 140

    def test_many_control_points_stay_finite(self):
        many = points(*((step % 7 * 10, step % 5 * 10) for step in range(1, 800)))
        path = flatten(ORIGIN, BEZIER, many)
        assert np.isfinite(path.points).all()
        assert path.end == many[-1]


class TestCatmull:
    def test_goes_through_every_control_point(self):
        control = points((0, 0), (100, 0), (100, 100), (0, 60))
        path = flatten(control[0], CATMULL, control[1:])
        for point in control:
            assert np.hypot(*(path.points - point).T).min() < 1e-9

    def test_of_two_points_is_a_line(self):
        assert flatten(ORIGIN, CATMULL, points((30, 40))).length == pytest.approx(50)


class TestLength:
    def test_cuts(self):
        path = flatten(ORIGIN, LINEAR, points((10, 0), (10, 10)), 12)
        assert path.end == (10, 2)
        assert path.length == 12
        assert path.natural_length == 20

    def test_lengthens_straight_on(self):
        path = flatten(ORIGIN, LINEAR, points((10, 0), (10, 10)), 25)
        assert path.end == (10, 15)
        assert path.length == 25

    @pytest.mark.parametrize(("length", "kept"), [(9, 9), (10, 10), (11, 10)])
    def test_a_doubled_end_is_cut_but_not_lengthened(self, length, kept):
        assert flatten(ORIGIN, LINEAR, points((10, 0), (10, 0)), length).length == kept

    @pytest.mark.parametrize("length", [None, 0])
    def test_none_leaves_the_curve_its_own(self, length):
        assert flatten(ORIGIN, LINEAR, points((3, 4)), length).length == 5

    @pytest.mark.parametrize("kind", CurveKind)
    @pytest.mark.parametrize("more", [(), ((0, 0),), ((0, 0), (0, 0))])
    def test_a_point_stays_a_point(self, kind, more):
        path = flatten(ORIGIN, kind, points(*more), 100)
        assert path.length == 0
        assert path.end == path.at(50) == ORIGIN

    @given(places, kinds, st.lists(places, min_size=1, max_size=6), st.floats(0.1, 2000))
    @settings(max_examples=50, deadline=None)
    def test_laws(self, head, kind, more, length):
        path = flatten(head, kind, more, length)
        assert len(path.points) == len(path.lengths)
        assert (np.diff(path.lengths) > 0).all()
        assert path.at(0) == head
        steps = np.hypot(*np.diff(path.points, axis=0).T)
        assert steps.sum() == pytest.approx(path.length, rel=1e-9, abs=1e-9)
        ends_twice = [head, *more][-1] == [head, *more][-2]
        if path.natural_length and not ends_twice:
            assert path.length == length


class TestJoined:
    @pytest.mark.parametrize("kind", CurveKind)
    @pytest.mark.parametrize("more", [((100, 100), (200, 0)), ((200, 0), (100, 100))])
    def test_one_curve_keeps_its_way(self, kind, more):
        path = flatten(ORIGIN, kind, points(*more))
        joined = flatten(ORIGIN, BEZIER, as_bezier(ORIGIN, [(kind, points(*more))]))
        assert joined.length == pytest.approx(path.length, abs=0.03)
        along = np.linspace(0, path.length, 50)
        assert np.hypot(*(joined.places(along) - path.places(along)).T).max() < 0.03

    def test_many_follow_one_another(self):
        segments = [(PERFECT, points((100, 100), (200, 0))), (LINEAR, points((300, 0)))]
        path = flatten(ORIGIN, BEZIER, as_bezier(ORIGIN, segments))
        assert path.length == pytest.approx(100 * math.pi + 100, abs=0.03)
        assert path.end == (300, 0)


def test_a_slider_has_a_path():
    slider = Slider(time=0, x=1, y=2, kind=LINEAR, points=points((1, 9)), slides=2, length=5)
    assert slider_path(slider).end == (1, 7)
