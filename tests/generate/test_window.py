"""Windows cover the song once."""

from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.window import BODY_BEATS, LOOKBACK_BEATS, windows


@given(st.integers(-50, 50), st.integers(0, 2000))
def test_bodies_cover_every_beat_once_in_order(first: int, count: int) -> None:
    made = list(windows(first, first + count))
    assert [beat for each in made for beat in range(each.start, each.stop)] == list(
        range(first, first + count)
    )
    for each in made:
        assert each.stop - each.start <= BODY_BEATS
        assert first <= each.past <= each.start
        assert each.start - each.past <= LOOKBACK_BEATS
