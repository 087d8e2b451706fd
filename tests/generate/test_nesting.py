"""A lower difficulty keeps to the rhythm and the sounds of the ones above it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.generate.nesting import (
    ON_EDGE,
    ON_NOTHING,
    ON_ONSET,
    Above,
    edges,
    like_above,
    nested_share,
)
from beatheritage.osu.beatmap import EdgeSound, HitSound
from beatheritage.tokens.events import Draft, Event, Kind

CLAP, WHISTLE, FINISH, NONE = HitSound.CLAP, HitSound.WHISTLE, HitSound.FINISH, HitSound.NONE


def circle(tick, sound=NONE):
    return Event(tick=tick, end=tick, sound=sound)


def slider(tick, slide, *sounds):
    return Event(
        tick=tick,
        end=tick + slide * (len(sounds) - 1),
        kind=Kind.SLIDER,
        slides=len(sounds) - 1,
        sound=sounds[0],
        edges=tuple(EdgeSound(sound, 2, 3) for sound in sounds),
    )


def spinner(tick, end, sound):
    return Event(tick=tick, end=end, kind=Kind.SPINNER, sound=sound)


def above(*events, harder=None, sounding=True):
    return Above(draft=Draft(events=events), sounding=sounding, harder=harder)


@st.composite
def drafts(draw):
    """Objects in order of time that leave one another room."""
    events, tick = [], draw(st.integers(-60, 60))
    sounds = st.sampled_from([NONE, CLAP, WHISTLE, FINISH])
    for _ in range(draw(st.integers(0, 6))):
        count = draw(st.integers(1, 4))
        some = draw(st.lists(sounds, min_size=count, max_size=count))
        length = draw(st.sampled_from([12, 24, 48]))
        events.append(circle(tick, *some) if count == 1 else slider(tick, length, *some))
        tick = events[-1].end + draw(st.sampled_from([12, 24, 48]))
    return Draft(events=tuple(events))


def test_edges():
    assert list(edges(circle(12, CLAP))) == [(12, CLAP)]
    assert list(edges(slider(0, 24, CLAP, NONE, FINISH))) == [(0, CLAP), (24, NONE), (48, FINISH)]
    assert list(edges(spinner(0, 96, FINISH))) == [(96, FINISH)]
    short = replace(slider(0, 24, CLAP, CLAP, CLAP), edges=(EdgeSound(NONE),))
    assert list(edges(short)) == [(0, NONE), (24, CLAP), (48, CLAP)]


def test_odds_by_what_the_harder_difficulty_has():
    odds = above(circle(-48), slider(0, 24, NONE, NONE), circle(50)).odds(0, 48)
    assert odds[0] == ON_ONSET
    assert odds[24] == ON_EDGE
    assert set(np.delete(odds, [0, 24])) == {ON_NOTHING}


def test_sounds_come_from_the_hardest_that_has_something_there():
    hardest = above(circle(0, CLAP), circle(24, WHISTLE), circle(48, FINISH))
    middle = above(circle(0, NONE), circle(36, FINISH), harder=hardest)
    own = Draft(events=(slider(0, 24, NONE, NONE, NONE), circle(60, CLAP)))
    heard = like_above(own, middle)
    assert [sound for event in heard.events for _, sound in edges(event)] == [
        CLAP,
        WHISTLE,
        FINISH,
        CLAP,
    ]
    assert heard.events[0].sound == CLAP
    assert {edge.addition_set for edge in heard.events[0].edges} == {3}


@given(drafts(), drafts())
@settings(max_examples=25, deadline=None)
def test_what_both_have_sounds_alike(own, other):
    heard = like_above(own, above(*other.events))
    theirs = {tick: sound for event in other.events for tick, sound in edges(event)}
    ours = [pair for event in heard.events for pair in edges(event)]
    assert [tick for tick, _ in ours] == [tick for event in own.events for tick, _ in edges(event)]
    assert all(theirs.get(tick, sound) == sound for tick, sound in ours)
    assert like_above(heard, above(*other.events)) == heard


@given(drafts(), drafts())
@settings(max_examples=25, deadline=None)
def test_where_sounds_are_colours_they_stay(own, other):
    assert like_above(own, above(*other.events, sounding=False)) is own
    assert like_above(own, None) is own


@given(drafts(), drafts())
@settings(max_examples=25, deadline=None)
def test_nested_share(own, other):
    share = nested_share(own, other)
    assert 0 <= share <= 1
    assert nested_share(own, own) == 1
    both = Draft(events=tuple(sorted((*own.events, *other.events), key=lambda one: one.tick)))
    assert nested_share(own, both) == 1


def test_nested_share_counts_each_tick_once():
    own = Draft(events=(circle(0), replace(circle(0), column=1), circle(12), circle(24)))
    assert nested_share(own, Draft(events=(circle(0), circle(24)))) == pytest.approx(2 / 3)
    assert nested_share(Draft(events=()), own) == 1
