"""Windows cover the song once."""

from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.window import BODY_BEATS, windows


@given(st.integers(-50, 50), st.integers(0, 2000))
def test_windows_cover_every_beat_once_in_order(first: int, count: int) -> None:
    made = list(windows(first, first + count))
    covered = [beat for start, stop in made for beat in range(start, stop)]
    assert covered == list(range(first, first + count))
    assert all(0 < stop - start <= BODY_BEATS for start, stop in made)
