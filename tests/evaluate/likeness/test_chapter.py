import numpy as np
import pytest
from tests.evaluate.likeness.maps import circle, columns

from beatheritage.evaluate.likeness.chapter import (
    Likeness,
    likeness_lines,
    likeness_tables,
    measure_likeness,
    stream_unevenness,
)
from beatheritage.evaluate.likeness.pairs import MapPair
from beatheritage.evaluate.likeness.repeats import Agreement
from beatheritage.evaluate.likeness.trees import Growth
from beatheritage.osu.mode import Mode

SMALL = Growth(trees=2, depth=1)


def streamed(*px: float):
    """Quarter beats at 150 BPM, so far apart each."""
    places = np.concatenate([[0], np.cumsum(px)])
    return columns(*(circle(place / 4, x) for place, x in enumerate(places.tolist())))


def pair(song: int, ours: float, people: float) -> MapPair:
    return MapPair(
        song=str(song),
        chart=f"{song}.osu [Hard]",
        mode=Mode.STD,
        ours=streamed(*[20.0, 20.0 + ours] * 40),
        people=streamed(*[20.0, 20.0 + people] * 40),
        repeats=Agreement(0.7, 0.8),
    )


@pytest.mark.parametrize(("more", "expected"), [(0.0, 0.0), (20.0, 1 / 3)])
def test_unevenness_is_deviation_over_mean(more: float, expected: float):
    assert stream_unevenness(streamed(*[20.0, 20.0 + more] * 4)) == pytest.approx([expected])


def test_a_slow_map_has_no_streams():
    slow = columns(*(circle(beat, 20 * beat) for beat in range(10)))
    assert len(stream_unevenness(slow)) == 0


@pytest.mark.parametrize(("ours", "reached"), [(1.2, True), (1.4, False)])
def test_streams_may_be_a_little_more_uneven(ours: float, reached: bool):
    """20 and 21.2 px deviate by 0.029 of their mean, 20 and 21.4 by 0.034."""
    found = measure_likeness([pair(song, ours, 0.0) for song in range(4)], (), SMALL)
    lines = {line.what: line for line in likeness_lines(found)}
    line = lines["unevenness of spacing inside streams, std: median over streams"]
    assert line.target == pytest.approx(0.03)
    assert line.reached is reached


@pytest.fixture(scope="module")
def alike() -> Likeness:
    found = measure_likeness([pair(song, 5.0, 5.0) for song in range(4)], (), SMALL)
    assert found is not None
    return found


def test_repeats_are_ours_less_peoples(alike: Likeness):
    lines = {line.what: line for line in likeness_lines(alike)}
    line = lines["repeated sections, std: agreement of rhythm, less people's"]
    assert line.figure is not None
    assert line.figure.value == pytest.approx(-0.1)
    assert line.reached is False


def test_every_table_is_there(alike: Likeness):
    titles = [table.title for table in likeness_tables(alike)]
    assert titles == [
        "Distances to people's maps",
        "Repeated sections",
        "Told apart from people's maps",
        "What kind of thing gives ours away",
        "What gives ours away, std",
    ]


def test_nothing_measured_says_nothing():
    assert measure_likeness((), ()) is None
    assert likeness_lines(None) == likeness_tables(None) == ()
