import pytest

from beatheritage.review.stacking import lay
from tests.review.charts import chart, circle, line, spinner

RADIUS = 54.4 - 4.48 * 4


def heights(*objects, **settings):
    return [one.height for one in lay(chart(*objects, **settings))]


def test_circles_on_one_place_stack_down_to_the_last():
    assert heights(circle(0), circle(100), circle(200)) == [2, 1, 0]


@pytest.mark.parametrize(("x", "stacked"), [(258.9, True), (259, False)])
def test_three_pixels_apart_is_no_stack(x: float, stacked: bool):
    assert (heights(circle(0), circle(100, x=x)) == [1, 0]) == stacked


@pytest.mark.parametrize(("gap", "stacked"), [(840, True), (841, False)])
def test_leniency_is_a_share_of_the_approach(gap: float, stacked: bool):
    # AR 5: 1200 ms, of which 0.7.
    assert (heights(circle(0), circle(gap), approach_rate=5) == [1, 0]) == stacked


def test_circles_on_a_sliders_end_go_down():
    assert heights(line(0, 100), circle(400, x=200), circle(500, x=200)) == [0, -1, -2]


def test_a_slider_lifts_what_lies_under_its_head():
    assert heights(circle(0, x=100), line(100, 100)) == [1, 0]


def test_spinners_stack_with_nothing():
    assert heights(circle(0), spinner(100, 200), circle(300)) == [1, 0, 0]


def test_a_level_is_a_tenth_of_a_radius_up_and_left():
    first, last = lay(chart(circle(0), circle(100)))
    assert last.head == (256, 192)
    assert first.head == pytest.approx((256 - RADIUS / 10, 192 - RADIUS / 10))


def test_an_even_number_of_slides_ends_at_the_head():
    there, back = lay(chart(line(0, 100), line(1000, 100, slides=2)))
    assert there.tail == (200, 192)
    assert back.tail == (100, 192)
    assert back.slide_end == (200, 192)
