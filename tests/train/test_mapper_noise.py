"""What training does to its windows has the effect that it is there for."""

import numpy as np
import pytest

from beatheritage.audio.mel import BANDS, FLOOR
from beatheritage.tokens.grammar import MASKS
from beatheritage.tokens.vocabulary import Token, ids, token_id
from beatheritage.train.mapper_noise import through_codec, with_slips

ALL_KINDS = (Token.CIRCLE, Token.SLIDER, Token.NOTE, Token.HOLD)


def flat(level: float) -> np.ndarray:
    return np.full((2000, BANDS), level, np.float32)


def spread(level: float, seeds: int = 30) -> float:
    """How far values of a level are moved, root mean square over made-up codecs."""
    moved = [
        through_codec(flat(level), np.random.default_rng(seed)) - level for seed in range(seeds)
    ]
    return float(np.sqrt(np.median([np.mean(np.square(each)) for each in moved])))


def test_codecs_change_what_is_quiet_more_than_what_is_loud() -> None:
    loud, middle, quiet = spread(0.0), spread(-1.5), spread(-3.0)
    assert 0.01 < loud < middle < quiet < 0.6


def test_what_is_changed_stays_a_mel_and_the_same_draw_changes_it_alike() -> None:
    mel = np.random.default_rng(0).normal(-2, 1, (300, BANDS)).astype(np.float16)
    kept = mel.copy()
    for seed in range(20):
        heard = through_codec(mel, np.random.default_rng(seed))
        assert heard.shape == mel.shape
        assert heard.dtype == np.float32
        assert heard.min() >= -FLOOR
        np.testing.assert_array_equal(heard, through_codec(mel, np.random.default_rng(seed)))
    np.testing.assert_array_equal(mel, kept)


def test_codecs_cut_the_top_at_times_and_never_the_bass() -> None:
    changes = np.array(
        [(through_codec(flat(0.0), np.random.default_rng(seed))).mean(0) for seed in range(100)]
    )
    cut = changes[:, -1] < -0.4
    assert 0.05 < cut.mean() < 0.3
    assert (changes[:, : BANDS // 2] > -0.4).all()


def test_noise_lasts_as_long_as_frames_share_their_samples() -> None:
    change = through_codec(flat(-2.0), np.random.default_rng(3))
    change = change - change.mean(0)
    near = np.corrcoef(change[:-1].ravel(), change[1:].ravel())[0, 1]
    far = np.corrcoef(change[:-40].ravel(), change[40:].ravel())[0, 1]
    assert near > 0.7
    assert abs(far) < 0.1 < near


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_slips_are_as_many_as_asked_and_keep_what_is_told_of_time(share: float) -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, len(MASKS[0]), 6000)
    told = with_slips(tokens, share, rng)
    swapped = np.zeros(len(tokens), bool)
    for kind in ALL_KINDS:
        swapped |= (tokens >= ids(kind).start) & (tokens < ids(kind).stop)
    assert np.mean(told[swapped] != tokens[swapped]) == pytest.approx(share, abs=0.06)
    of_time = tokens <= ids(Token.TICK).stop - 1
    np.testing.assert_array_equal(told[of_time], tokens[of_time])


def test_slips_tell_a_slider_for_a_circle_and_lengths_that_the_window_has() -> None:
    circle, slider = token_id(Token.CIRCLE, 1), token_id(Token.SLIDER, 1)
    lengths = [token_id(Token.LENGTH, 3), token_id(Token.LENGTH, 8)]
    tokens = np.array([circle, slider, *lengths] * 50)
    told = with_slips(tokens, 1.0, np.random.default_rng(0))
    assert set(told[0::4]) == {slider}
    assert set(told[1::4]) == {circle}
    assert set(told[2::4]) == set(told[3::4]) == set(lengths)
