"""What the grammar admits can be played, and the codec says the same both ways."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.osu.mode import Mode
from beatheritage.tokens.beats import decode, encode
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.grammar import (
    GAP_AFTER_CIRCLE_TICKS,
    GAP_AFTER_SLIDER_TICKS,
    GAP_IN_COLUMN_TICKS,
    SNAPS,
    TICKS_PER_BEAT,
    DraftWriter,
)
from beatheritage.tokens.vocabulary import SIZE, Token, meaning, token_id

BEATS = 6
MODES = list(Mode)


@st.composite
def walks(draw: st.DrawFn) -> tuple[Mode, int, list[int]]:
    """Tokens that the grammar admits, chosen blindly, until the last beat is over."""
    mode = draw(st.sampled_from(MODES))
    keys = draw(st.integers(4, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    writer = DraftWriter(mode=mode, keys=keys, limit=BEATS * TICKS_PER_BEAT)
    writer.open(0)
    tokens = []
    while True:
        token = int(rng.choice(np.flatnonzero(writer.allowed())))
        if meaning(token)[0] is Token.BEAT and writer.beat == BEATS - 1:
            return mode, keys, tokens
        writer.push(token)
        tokens.append(token)


@given(walks())
@settings(max_examples=60, deadline=None)
def test_admitted_tokens_spell_events_that_keep_the_rules(
    walk: tuple[Mode, int, list[int]],
) -> None:
    mode, keys, tokens = walk
    events = decode(tokens, mode, keys, 0, BEATS * TICKS_PER_BEAT)
    for event in events:
        assert SNAPS[event.tick % TICKS_PER_BEAT]
        assert event.tick <= event.end <= BEATS * TICKS_PER_BEAT
        assert 0 <= event.column < keys
    lanes = range(keys) if mode is Mode.MANIA else range(1)
    for lane in lanes:
        mine = [event for event in events if event.column == lane]
        for before, after in itertools.pairwise(mine):
            if mode is Mode.MANIA:
                assert after.tick >= before.end + GAP_IN_COLUMN_TICKS
            elif before.kind is Kind.CIRCLE:
                assert after.tick >= before.tick + GAP_AFTER_CIRCLE_TICKS
            else:
                assert after.tick >= before.end + GAP_AFTER_SLIDER_TICKS


@given(walks())
@settings(max_examples=60, deadline=None)
def test_decoded_events_encode_to_the_same_tokens(walk: tuple[Mode, int, list[int]]) -> None:
    mode, keys, tokens = walk
    events = decode(tokens, mode, keys, 0, BEATS * TICKS_PER_BEAT)
    encoded = encode(events, mode, keys, 0, BEATS)
    assert encoded.dropped == 0
    assert encoded.tokens[0] == token_id(Token.BEAT)
    assert encoded.tokens[1:].tolist() == tokens
    assert decode(encoded.tokens[1:], mode, keys, 0, BEATS * TICKS_PER_BEAT) == events


@given(walks())
@settings(max_examples=20, deadline=None)
def test_admits_agrees_with_allowed(walk: tuple[Mode, int, list[int]]) -> None:
    mode, keys, tokens = walk
    writer = DraftWriter(mode=mode, keys=keys, limit=BEATS * TICKS_PER_BEAT)
    writer.open(0)
    for token in tokens:
        allowed = writer.allowed()
        assert allowed.any()
        assert allowed.tolist() == [writer.admits(each) for each in range(SIZE)]
        writer.push(token)


@pytest.mark.parametrize(("tick", "kept"), [(2, 0), (3, 1), (4, 1), (5, 0)])
def test_events_off_the_snaps_are_dropped_and_counted(tick: int, kept: int) -> None:
    encoded = encode([Event(tick=tick, end=tick)], Mode.STD, 4, 0, 1)
    assert encoded.dropped == 1 - kept
    assert len(decode(encoded.tokens[1:], Mode.STD, 4, 0, 48)) == kept


@pytest.mark.parametrize(("gap", "kept"), [(5, 1), (6, 2), (8, 2)])
def test_nothing_starts_on_a_sliders_heels(gap: int, kept: int) -> None:
    slider = Event(tick=0, end=12, kind=Kind.SLIDER)
    after = Event(tick=12 + gap, end=12 + gap)
    encoded = encode([slider, after], Mode.STD, 4, 0, 2)
    # A tick that is no snap is refused as well: 17 is none, 18 and 20 are.
    assert 2 - encoded.dropped == kept


def test_a_held_column_takes_no_note() -> None:
    hold = Event(tick=0, end=24, kind=Kind.HOLD, column=1)
    inside = [Event(tick=12, end=12, column=column) for column in (0, 1, 2)]
    encoded = encode([hold, *inside], Mode.MANIA, 4, 0, 1)
    assert encoded.dropped == 1


def test_a_span_is_what_its_beats_say() -> None:
    events = [Event(tick=tick, end=tick) for tick in range(0, 480, 24)]
    encoded = encode(events, Mode.STD, 4, 0, 10)
    span = encoded.span(2, 5)
    assert meaning(int(span.tokens[0])) == (Token.START, 0)
    assert set(span.beats.tolist()) == {2, 3, 4}
    inside = decode(span.tokens, Mode.STD, 4, 2, 480)
    assert inside == [event for event in events if 96 <= event.tick < 240]
