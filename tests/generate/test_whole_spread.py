"""A whole set: difficulties that belong together, whoever writes them first."""

import os
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.generate.songs import CLICK_TIMING, click_song

from beatheritage.engine.models import Models, load_models
from beatheritage.generate.drafting import Heard, listen
from beatheritage.generate.nesting import nested_share, sounds_of
from beatheritage.generate.pipeline import Generated
from beatheritage.generate.request import Aim, Request
from beatheritage.generate.spread import (
    SOUNDING,
    Listener,
    Spread,
    in_common,
    set_faults,
    set_told,
    side_by_side,
    write_spread,
)
from beatheritage.generate.spread_plan import SpreadRequest, spread_plans
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    General,
    GreenLine,
    HitSound,
    Metadata,
    RedLine,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write
from beatheritage.progress import Progress, ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of

BEAT = 500.0
TIMING = Timing(lines=(RedLine(time=2000.0, beat_length=BEAT),))
LEAST_NESTED = 0.9


def made(*objects, mode=Mode.STD, version="", tags=(), start=2000.0) -> Generated:
    beatmap = Beatmap(
        general=General(mode=mode, preview_time=0),
        metadata=Metadata(version=version, tags=tags),
        timing_points=(RedLine(time=start, beat_length=BEAT), GreenLine(time=4000.0)),
        objects=tuple(objects),
    )
    return Generated(beatmap=beatmap, stars=1.0)


def note(beat, sound=HitSound.NONE):
    return Circle(time=2000 + beat * BEAT, x=100, y=100, sound=sound)


def test_a_set_has_its_tags_in_common():
    one, other = made(note(0), tags=("ai", "stars-2")), made(note(0), tags=("ai", "stars-3"))
    for each in in_common([one, other], TIMING):
        assert each.beatmap.metadata.tags == ("ai", "stars-2", "stars-3")


def test_a_set_begins_with_one_red_line():
    early = made(note(-3), start=0.0)
    first, second = in_common([made(note(0)), early], TIMING)
    assert second == early
    assert first.beatmap.red_lines == early.beatmap.red_lines
    assert first.beatmap.timing_points[1:] == early.beatmap.timing_points[1:]


def test_what_is_heard_in_an_easier_difficulty_is_heard_in_all():
    easy = made(note(0, HitSound.WHISTLE), note(4))
    hard = made(note(0), note(2, HitSound.CLAP), note(4))
    taiko = made(note(0, HitSound.FINISH), note(4, HitSound.CLAP), mode=Mode.TAIKO)
    sounds = [
        [item.sound for item in each.beatmap.objects]
        for each in in_common([easy, hard, taiko], TIMING)
    ]
    assert sounds == [
        [HitSound.WHISTLE, HitSound.NONE],
        [HitSound.WHISTLE, HitSound.CLAP, HitSound.NONE],
        [HitSound.FINISH, HitSound.CLAP],
    ]


def test_what_is_left_is_told():
    easy, insane = made(note(0), version="Easy"), made(note(0), version="Insane")
    left = set_faults([easy, insane])
    assert set_told(Spread(difficulties=(easy, insane), left=left)) == (
        "Spread: Insane: there is no Normal between 'Easy' and 'Insane'",
    )


def test_what_is_alike_is_told_once():
    plain = made(note(0), version="Easy", tags=("a",))
    other = replace(plain.beatmap, metadata=Metadata(artist="B", title="B", version="Hard"))
    left = set_faults([plain, made(note(0), version="Normal"), replace(plain, beatmap=other)])
    told = set_told(Spread(difficulties=(), left=left))
    assert [line for line in told if line.startswith("InconsistentMetadata: Hard: artist")] == [
        "InconsistentMetadata: Hard: artist is 'B', elsewhere '' (and 1 more)"
    ]


def test_progress_of_several_is_one():
    told: list[Progress] = []
    listener = Listener(told.append, 2)
    first, second = listener.of(0), listener.of(1)
    first(Progress("writing", 1.0))
    second(Progress("writing", 0.5))
    second(Progress("placing", 0.0))  # says nothing of how far it is
    second(Progress("adjusting", 0.5))
    second(Progress("adjusting", 0.0))  # once more: nothing goes back
    listener.done(1)
    listener.done(0)
    assert [each.share for each in told] == [0.25, 0.375, 0.625, 0.625, 0.75, 1.0]


@pytest.mark.parametrize("cores", [1, 2])
def test_one_that_fails_stops_all(cores, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    listener = Listener(ignore, 2)
    begun = []

    def write_mode(mode: Mode) -> list[Generated]:
        begun.append(mode)
        if mode is Mode.STD:
            raise KeyboardInterrupt
        while True:  # until told to stop
            listener.done(1)

    with pytest.raises(KeyboardInterrupt):
        side_by_side(write_mode, [Mode.STD, Mode.TAIKO], listener)
    assert begun[0] is Mode.STD


SECONDS = 10


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def heard() -> Heard:
    return listen(click_song(SECONDS), CLICK_TIMING)


def spread_of(heard: Heard, models: Models, *modes: Mode) -> Spread:
    base = Request(audio=heard.song.path, seed=3, difficulty=Aim(scale=False))
    request = SpreadRequest(base=base, modes=modes, stars=(2.3, 3.4))
    return write_spread(heard, spread_plans(request, duration=heard.song.duration), models)


def belongs_together(spread: Spread, timing: Timing) -> None:
    """What makes maps a set, apart from what the rules say."""
    maps = [each.beatmap for each in spread.difficulties]
    for same in ("red_lines", "combo_colours"):
        assert len({getattr(one, same) for one in maps}) == 1
    assert len({one.general.preview_time for one in maps}) == 1
    assert len({replace(one.metadata, version="") for one in maps}) == 1
    drafts = [draft_of(one, timing) for one in maps]
    assert len({draft.kiai for draft in drafts}) == 1
    for (one, lower), (other, higher) in pairwise(zip(maps, drafts, strict=True)):
        if one.mode is other.mode:
            assert nested_share(lower, higher) >= LEAST_NESTED
            assert len(lower.events) <= len(higher.events)
    heard: dict[int, HitSound] = {}
    for one, draft in zip(maps, drafts, strict=True):
        if one.mode in SOUNDING:
            own = sounds_of(draft)
            assert all(heard.get(tick, sound) == sound for tick, sound in own.items())
            heard |= own


def test_a_set_belongs_together_on_any_number_of_cores(
    heard: Heard, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    side = spread_of(heard, models, Mode.STD, Mode.TAIKO)
    belongs_together(side, CLICK_TIMING)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    after = spread_of(heard, models, Mode.STD, Mode.TAIKO)
    texts = [[write(each.beatmap) for each in one.difficulties] for one in (side, after)]
    assert texts[0] == texts[1]
