"""Points of groups: which there are, where, and what the original had wrong about them."""

import numpy as np
import pytest
from tests.ancestors import small_map, tokenizer_of

from beatheritage.generate.ancestors.slider import MOST_STRETCH
from beatheritage.generate.diffusion.points import NUMBER_WIDTH, long_enough, points_of
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import Step, Vocabulary
from beatheritage.tokens.steps_decode import Group, groups_of
from beatheritage.tokens.steps_encode import encode_map


def kinds_of(points) -> list[int]:
    return points.context[:, 2 * NUMBER_WIDTH :].argmax(axis=1).tolist()


def slider(time: int, slides: int, **head) -> list[Group]:
    return [
        Group(kind=Step.SLIDER_HEAD, time=time, x=100, y=100, **head),
        Group(kind=Step.BEZIER_ANCHOR, time=time, x=150, y=100),
        Group(kind=Step.LAST_ANCHOR, time=time + 300, x=200, y=100),
        Group(kind=Step.SLIDER_END, time=time + 300 * slides, x=180, y=100),
    ]


@pytest.mark.parametrize(("x", "y"), [(0.0, 100.0), (100.0, 0.0), (0.0, 0.0)])
def test_a_coordinate_of_0_is_a_place(x, y):
    """The original took it for none, and moved the point to the middle of the field."""
    points = points_of([Group(kind=Step.CIRCLE, x=x, y=y)])
    assert points.places.tolist() == [[x, y]]


def test_a_group_without_a_place_stays_with_the_last():
    points = points_of(
        [Group(kind=Step.CIRCLE, x=30, y=40), Group(kind=Step.CIRCLE, time=100, distance=77)]
    )
    assert points.places.tolist() == [[30, 40], [30, 40]]
    waves = points.context[:, NUMBER_WIDTH : 2 * NUMBER_WIDTH]
    assert waves[1, 0] == pytest.approx(np.cos(77.0))
    assert waves[0, 0] == pytest.approx(np.cos(np.hypot(226, 152)))


@pytest.mark.parametrize("version", ["v29", "v30", "v32"])
def test_every_version_spells_the_same_points(version):
    """V32 has two last anchors, of which the second says when and not where: the original made a
    point in the middle of the field of it."""
    vocabulary = Vocabulary(tokenizer_of(version))
    groups = groups_of(encode_map(small_map(Mode.STD), vocabulary), vocabulary)
    points = points_of(groups)
    assert kinds_of(points) == [1, 4, 9, 10, 12, 5, 7, 10, 11, 2, 3, 0]
    assert [(body.head, body.inner, body.end) for body in points.bodies] == [
        (1, (2, 3), 4),
        (5, (6, 7), 8),
    ]


@pytest.mark.parametrize(("slides", "kind"), [(1, 11), (2, 12), (3, 13), (4, 14), (5, 15), (8, 14)])
def test_an_end_tells_how_often_the_slider_is_slid(slides, kind):
    points = points_of(slider(1000, slides))
    assert kinds_of(points) == [4, 6, 10, kind]
    assert points.bodies[0].span == 300
    assert kinds_of(points_of(slider(1000, slides, new_combo=True)))[0] == 5


def test_anchors_share_the_time_of_their_slider_out():
    points = points_of(slider(1000, 2))
    waves = points.context[:, 0]
    assert waves == pytest.approx(np.cos([100.0, 115.0, 130.0, 160.0]), abs=1e-5)
    own = points_of(slider(1000, 2), as_timed=True)
    assert own.context[1, 0] == pytest.approx(np.cos(100.0), abs=1e-5)


def test_what_is_broken_has_no_body():
    whole = slider(1000, 1)
    assert points_of(whole[:3]).bodies == ()
    assert points_of([whole[0], whole[1], whole[3]]).bodies == ()
    assert len(points_of([*whole[:3], *slider(2000, 1)]).bodies) == 1
    assert len(points_of(whole[1:])) == 0
    assert len(points_of([])) == 0


@pytest.mark.parametrize("length", [100.0, 60.0])
@pytest.mark.parametrize(
    ("share", "fate"),
    [
        (1.0, "stays"),
        (1 / MOST_STRETCH + 0.01, "stretched"),
        (1 / MOST_STRETCH, "stretched"),
        (1 / MOST_STRETCH - 0.01, "as it was"),
        (0.0, "as it was"),
    ],
)
def test_a_path_is_as_long_as_its_slider(share, fate, length):
    points = points_of(slider(1000, 1)).holding([length])  # along a line from (100, 100)
    found = points.places.copy()
    found[:, 1] += 50
    found[1:, 0] = 100 + (found[1:, 0] - 100) * share * length / 100
    fitted = long_enough(points, found)
    kept, whole = fate == "stays", fate == "as it was"
    assert (fitted == found).all() == kept
    ends = 200.0 if whole else 100.0 + length
    assert fitted[2].tolist() == pytest.approx([ends, 150])
    assert fitted[0].tolist() == [100, 150]
    if not kept:
        assert fitted[3].tolist() == pytest.approx([100 + length, 150])


def test_a_path_that_was_short_already_may_stay_so():
    points = points_of(slider(1000, 1)).holding([400.0])
    assert (long_enough(points, points.places) == points.places).all()
    assert (long_enough(points_of(slider(1000, 1)), points.places / 9) == points.places / 9).all()
