"""Maps in pairs: ours and the one that people made, of one song and mode at the same stars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beatheritage.evaluate.asks import CONVERTED, rhythm_asks
from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.likeness.columns import Columns, read_columns
from beatheritage.evaluate.likeness.repeats import Agreement, agreement, repeats_of
from beatheritage.evaluate.rhythm import onsets
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPair:
    """``people`` is None for a catch map beside a std chart, which is another kind of map;
    ``repeats`` where the song repeats nothing."""

    song: str
    chart: str
    mode: Mode
    ours: Columns
    people: Columns | None
    repeats: Agreement | None


class Owned(NamedTuple):
    """A map of a song, or of what is drawn like one."""

    song: str
    columns: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is told apart in a mode: our maps, and people's."""

    mode: Mode
    ours: tuple[Owned, ...]
    people: tuple[Owned, ...]

    @property
    def songs(self) -> list[str]:
        """In an order that does not hang on what was written."""
        return sorted({one.song for one in (*self.ours, *self.people)})


def sides_of(mode: Mode, pairs: Sequence[MapPair], others: Sequence[Owned] = ()) -> Sides:
    """``others`` are people's maps for which none of ours is there."""
    mine = [pair for pair in pairs if pair.mode is mode]
    people = [Owned(pair.song, pair.people) for pair in mine if pair.people is not None]
    return Sides(
        mode=mode,
        ours=tuple(Owned(pair.song, pair.ours) for pair in mine),
        people=(*people, *(one for one in others if one.columns.mode is mode)),
    )


def map_pairs(bench: Bench) -> tuple[MapPair, ...]:
    """The maps that rhythm is measured on, with the timing that was found; none without one."""
    return tuple(_pairs(bench)) if bench.found.timing and bench.subject.charts else ()


def _pairs(bench: Bench) -> Iterator[MapPair]:
    timing = bench.found.timing
    assert timing is not None
    repeats = repeats_of(bench)
    for ask in rhythm_asks(bench.subject, ("found",)):
        assert ask.truth is not None
        written = bench.written(bench.question(timing, ask), ask, timing)
        if written["error"]:
            continue
        made = parse(written["osu"]).beatmap
        ours, people = read_columns(made), read_columns(ask.truth)
        if ours is not None and people is not None:
            yield MapPair(
                song=bench.subject.id,
                chart=ask.chart,
                mode=ask.mode,
                ours=ours,
                people=None if ask.group == CONVERTED else people,
                repeats=agreement(repeats, onsets(made), onsets(ask.truth)),
            )
