"""Everything that is asked of the validation songs, song by song, in one process or several."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from beatheritage.errors import UserError
from beatheritage.evaluate.asks import ASKED, Extent, TableName, asks_for, end_asks, evenly
from beatheritage.evaluate.bench import Bench, Found
from beatheritage.evaluate.likeness.pairs import MapPair, map_pairs
from beatheritage.evaluate.outcome import Ask, Outcome
from beatheritage.evaluate.promises import PROMISE_SONGS, PromiseOutcome, promise_outcomes
from beatheritage.evaluate.sets import SetAsk, SetOutcome, set_asks, set_outcome
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.subjects import Subject
from beatheritage.evaluate.writers import SHIPPED, Writer
from beatheritage.pool import Died, share_out

OnShare = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SongResult:
    """A song's timing, a row for each map, and one for each set."""

    subject: Subject
    found: Found
    outcomes: tuple[Outcome, ...]
    sets: tuple[SetOutcome, ...] = ()
    promises: tuple[PromiseOutcome, ...] = ()
    pairs: tuple[MapPair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All that one process needs to know about a song."""

    subject: Subject
    asks: tuple[Ask, ...]
    sets: tuple[SetAsk, ...]
    promises: bool
    likeness: bool
    shelf: Shelf
    writer: Writer


def evaluate_songs(work: Sequence[Work], on_share: OnShare, jobs: int) -> tuple[SongResult, ...]:
    """Results in the order of the work, whatever the number of processes."""
    results: dict[str, SongResult] = {}
    for result in _results(work, jobs):
        results[result.subject.id] = result
        on_share(len(results) / len(work))
    return tuple(results[one.subject.id] for one in work)


def evaluate_song(work: Work) -> SongResult:
    """Everything that is asked of a song, and what its answers lead to be asked."""
    bench = Bench(subject=work.subject, shelf=work.shelf, writer=work.writer)
    outcomes = [bench.outcome(ask) for ask in work.asks]
    ends = [ask for outcome in outcomes if outcome.group == ASKED for ask in end_asks(outcome)]
    return SongResult(
        subject=work.subject,
        found=bench.found,
        outcomes=(*outcomes, *map(bench.outcome, ends)),
        sets=tuple(set_outcome(bench, ask) for ask in work.sets),
        promises=promise_outcomes(bench) if work.promises else (),
        pairs=map_pairs(bench) if work.likeness else (),
    )


def plan_work(
    subjects: Sequence[Subject],
    shelf: Shelf,
    tables: Collection[TableName],
    extent: Extent,
    writer: Writer = SHIPPED,
) -> tuple[Work, ...]:
    """What is asked of each song."""
    asked, most = asks_for(subjects, tables, extent), extent.most
    sets = set_asks(subjects, most) if "sets" in tables else {}
    songs = evenly(subjects, min(PROMISE_SONGS, most)) if "quality" in tables else []
    promised = {subject.id for subject in songs}
    work = (
        Work(
            subject=subject,
            asks=tuple(asked[subject.id]),
            sets=tuple(sets.get(subject.id, ())),
            promises=subject.id in promised,
            likeness="likeness" in tables,
            shelf=shelf,
            writer=writer,
        )
        for subject in subjects
    )
    return tuple(one for one in work if one.asks or one.sets or one.promises or one.likeness)


def _results(work: Sequence[Work], jobs: int) -> Iterator[SongResult]:
    """Results as they come."""
    if jobs == 1:
        yield from map(evaluate_song, work)
        return
    for one, result in share_out(evaluate_song, work, jobs):
        if isinstance(result, Died):
            raise UserError(result.reason, where=one.subject.id)
        yield result
