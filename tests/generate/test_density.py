"""Notes put in and taken out: where the song wants them, never closer than the map's own."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.density import NOISE, Board, Ground, filled, thinned
from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode
from beatheritage.tokens.events import Draft, Event, Kind

BEAT = 48
TICKS = 16 * BEAT


def ground(
    odds: dict[int, float] | None = None,
    strains: dict[int, float] | None = None,
    only: frozenset[int] | None = None,
) -> Ground:
    """Odds and strains at some ticks, 0 at all others."""
    rows = [np.zeros(TICKS), np.zeros(TICKS)]
    for row, known in zip(rows, (odds or {}, strains or {}), strict=True):
        for tick, value in known.items():
            row[tick] = value
    return Ground(first=0, odds=rows[0], strains=rows[1], only=only)


def notes(*ticks: int, column: int = 0) -> tuple[Event, ...]:
    return tuple(Event(tick=tick, end=tick, column=column) for tick in ticks)


def ticks_of(draft: Draft) -> list[int]:
    return [event.tick for event in draft.events]


EVERY_BEAT = Draft(events=notes(*range(0, TICKS, BEAT)))


def test_what_is_least_likely_goes_first() -> None:
    left = thinned(EVERY_BEAT, ground(odds={96: -2.0, 240: -1.0}), 2)
    assert set(ticks_of(EVERY_BEAT)) - set(ticks_of(left)) == {96, 240}


def test_what_is_hardest_goes_first() -> None:
    left = thinned(EVERY_BEAT, ground(odds={96: -1.0}, strains={240: 1.0}), 1)
    assert 240 not in ticks_of(left)


def test_sliders_and_spinners_stay() -> None:
    long = Event(tick=0, end=BEAT, kind=Kind.SLIDER)
    assert thinned(Draft(events=(long, *notes(96))), ground(), 9).events == (long,)


def test_of_a_chord_the_rhythm_stays() -> None:
    chord = Draft(events=(*notes(0), *notes(96), *notes(96, column=2)))
    left = thinned(chord, ground(odds={0: 1.5, 96: 1.5}), 1)
    assert ticks_of(left) == [0, 96]


def test_the_likeliest_free_tick_comes_first_and_sounds_like_the_one_before() -> None:
    draft = Draft(
        events=(
            Event(tick=0, end=0, sound=HitSound.CLAP | HitSound.FINISH),
            *notes(BEAT, 4 * BEAT, 5 * BEAT),
        )
    )
    more = filled(draft, ground(odds={2 * BEAT: 1.0, 3 * BEAT: 2.0}), Mode.TAIKO, 4, 1)
    assert ticks_of(more) == [0, 48, 144, 192, 240]
    more = filled(draft, ground(odds={2 * BEAT: 2.0}), Mode.TAIKO, 4, 1)
    assert ticks_of(more) == [0, 48, 96, 192, 240]


def test_a_colour_carries_on_and_an_accent_does_not() -> None:
    loud = HitSound.CLAP | HitSound.FINISH
    draft = Draft(events=(*notes(0, 48), Event(tick=96, end=96, sound=loud), *notes(240, 288)))
    more = filled(draft, ground(odds={144: 1.0}), Mode.TAIKO, 4, 1)
    assert [event.sound for event in more.events if event.tick == 144] == [HitSound.CLAP]


def test_nothing_comes_closer_than_the_map_has_it() -> None:
    assert filled(EVERY_BEAT, ground(), Mode.TAIKO, 4, 99) == EVERY_BEAT


def test_where_a_harder_difficulty_has_nothing_nothing_comes() -> None:
    draft = Draft(events=notes(0, 48, 240, 288))
    more = filled(draft, ground(only=frozenset({144})), Mode.TAIKO, 4, 9)
    assert ticks_of(more) == [0, 48, 144, 240, 288]


@pytest.mark.parametrize(("odds", "comes"), [(NOISE - 0.01, False), (NOISE, True)])
def test_what_the_song_gives_hardly_a_reason_for_is_left_out(odds: float, comes: bool) -> None:
    draft = Draft(events=notes(0, 48, 144, 192))
    more = filled(draft, ground(odds={96: odds}), Mode.TAIKO, 4, 9)
    assert (96 in ticks_of(more)) == comes
    nested = ground(odds={96: odds}, only=frozenset({96}))
    assert 96 in ticks_of(filled(draft, nested, Mode.TAIKO, 4, 9))


@st.composite
def mania(draw: st.DrawFn) -> Draft:
    """Notes and holds that share no column at a time."""
    events = []
    for column in range(4):
        at = draw(st.integers(0, 4)) * 12
        for length, gap in draw(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)))):
            kind = Kind.HOLD if length else Kind.CIRCLE
            end = at + 12 * length
            events.append(Event(tick=at, end=end, kind=kind, column=column))
            at = end + 12 * gap
    return Draft(events=tuple(sorted(events, key=lambda event: (event.tick, event.column))))


@given(mania(), st.integers(0, 40), st.integers(0, 99))
def test_no_note_is_put_into_a_hold_or_beside_another_in_its_column(
    draft: Draft, count: int, seed: int
) -> None:
    odds = np.random.default_rng(seed).normal(0, 2, TICKS)
    more = filled(draft, Ground(first=0, odds=odds, strains=np.zeros(TICKS)), Mode.MANIA, 4, count)
    assert {(one.tick, one.column) for one in draft.events} <= {
        (one.tick, one.column) for one in more.events
    }
    assert {one for one in draft.events if one.kind is Kind.HOLD} <= set(more.events)
    assert len(more.events) <= len(draft.events) + count
    for column in range(4):
        inside = [event for event in more.events if event.column == column]
        for before, after in pairwise(inside):
            assert before.end < after.tick
    chords = [ticks_of(more).count(tick) for tick in set(ticks_of(more))]
    was = [ticks_of(draft).count(tick) for tick in set(ticks_of(draft))]
    assert max(chords, default=0) <= max(was, default=0)


@given(mania(), st.integers(0, 60))
def test_thinning_takes_so_many_notes_and_nothing_else(draft: Draft, count: int) -> None:
    left = thinned(draft, ground(), count)
    plain = sum(event.kind in (Kind.CIRCLE, Kind.HOLD) for event in draft.events)
    assert len(left.events) == len(draft.events) - min(count, plain)
    assert [event for event in draft.events if event in left.events] == list(left.events)


@pytest.mark.parametrize("mode", [Mode.TAIKO, Mode.MANIA])
def test_an_empty_draft_stays_empty(mode: Mode) -> None:
    empty = Draft(events=())
    assert filled(empty, ground(), mode, 4, 3) == thinned(empty, ground(), 3) == empty


def in_turn(holds: int) -> Draft:
    """Notes in turn over three columns, close at first and then apart; some of them hold."""
    ticks = [*range(0, 8 * BEAT, BEAT // 2), *range(8 * BEAT, TICKS, 2 * BEAT)]
    return Draft(
        events=tuple(
            Event(
                tick=tick,
                end=tick + BEAT // 4 * (index % 20 < holds),
                column=index % 3,
                kind=Kind.HOLD if index % 20 < holds else Kind.CIRCLE,
            )
            for index, tick in enumerate(ticks)
        )
    )


def hold_share(draft: Draft) -> float:
    return sum(event.kind is Kind.HOLD for event in draft.events) / len(draft.events)


@pytest.mark.parametrize("holds", [0, 4, 10, 20])
def test_the_share_of_holds_stays(holds: int) -> None:
    draft = in_turn(holds)
    less, more = thinned(draft, ground(), 4), filled(draft, ground(), Mode.MANIA, 4, 6)
    assert len(less.events) == len(draft.events) - 4
    assert len(more.events) > len(draft.events)
    for changed in (less, more):
        assert hold_share(changed) == pytest.approx(hold_share(draft), abs=0.05)


def test_where_what_was_put_in_has_no_room_other_notes_are_held() -> None:
    hold = Event(tick=0, end=2 * BEAT, kind=Kind.HOLD)
    roomy, *tight = notes(5 * BEAT, 3 * BEAT, 4 * BEAT, column=1)
    board = Board((hold, roomy, *tight), Mode.MANIA, 4)
    events = board.held((hold, roomy), tight)
    assert set(tight) <= set(events)
    assert [event.end for event in events if event.tick == roomy.tick] == [7 * BEAT]


def test_holds_that_are_put_in_end_before_the_next_note_of_their_column() -> None:
    more = filled(in_turn(10), ground(), Mode.MANIA, 4, 40)
    for column in range(4):
        events = [event for event in more.events if event.column == column]
        assert all(one.end < other.tick for one, other in pairwise(events))
