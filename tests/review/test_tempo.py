import pytest

from beatheritage.review.tempo import rule_beat


@pytest.mark.parametrize(
    ("bpm", "counted"),
    [(180, 180), (200, 200), (239, 239), (240, 120), (300, 150), (120, 120), (119, 238), (90, 180)],
)
def test_tempos_count_within_an_octave(bpm: float, counted: float):
    assert 60_000 / rule_beat(60_000 / bpm).length == pytest.approx(counted)


def test_four_beats_of_recovery_are_three_at_120_and_two_at_90():
    # The example of the criteria's own page on scaling.
    for bpm, beats in ((180, 4), (120, 3), (90, 2)):
        length = 60_000 / bpm
        assert rule_beat(length).time(4) == pytest.approx(beats * length)


@pytest.mark.parametrize(("bpm", "most"), [(239, 3), (180, 3), (150, 4), (121, 5), (120, 6)])
def test_patterns_may_be_longer_in_slow_songs(bpm: float, most: int):
    assert rule_beat(60_000 / bpm).notes(3) == most


@pytest.mark.parametrize(("ms", "is_half"), [(150, True), (155, True), (157, False), (100, True)])
def test_a_gap_is_a_snap_or_faster(ms: float, is_half: bool):
    assert rule_beat(300).at_most(ms, 0.5) == is_half
