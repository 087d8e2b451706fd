"""Everything that is asked of the validation songs, song by song, in one process or several."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from beatheritage.evaluate.bench import Bench, Found
from beatheritage.evaluate.outcome import Ask, Outcome, Source
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.subjects import HumanChart, Subject
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars

CONVERTED = "converted"
ASKED_STARS = "stars"
STEPS = (2.0, 3.0, 4.0, 5.0, 6.0)
SONGS_ASKED = 12

OnShare = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SongResult:
    """A song's timing and a row for each map."""

    subject: Subject
    found: Found
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All that one process needs to know about a song."""

    subject: Subject
    asks: tuple[Ask, ...]
    shelf: Shelf


def evaluate_songs(
    subjects: Sequence[Subject], shelf: Shelf, on_share: OnShare, *, true_timing: bool, jobs: int
) -> tuple[SongResult, ...]:
    """Results in the order of the subjects, whatever the number of processes."""
    work = plan_work(subjects, shelf, true_timing=true_timing)
    total, done = sum(len(one.asks) for one in work), 0
    results: dict[str, SongResult] = {}
    for result in _results(work, jobs):
        results[result.subject.id] = result
        done += len(result.outcomes)
        on_share(done / max(total, 1))
    return tuple(results[subject.id] for subject in subjects)


def evaluate_song(work: Work) -> SongResult:
    bench = Bench(subject=work.subject, shelf=work.shelf)
    return SongResult(
        subject=work.subject,
        found=bench.found,
        outcomes=tuple(bench.outcome(ask) for ask in work.asks),
    )


def plan_work(subjects: Sequence[Subject], shelf: Shelf, *, true_timing: bool) -> tuple[Work, ...]:
    """What is asked of each song; the first songs with std charts write every step of stars too."""
    sources: tuple[Source, ...] = ("found", "true") if true_timing else ("found",)
    std = [one for one in subjects if any(chart.mode is Mode.STD for chart in one.charts)]
    stepped = {subject.id for subject in std[:SONGS_ASKED]}
    work = []
    for subject in subjects:
        asks = [
            ask for chart in subject.charts for source in sources for ask in asks_of(chart, source)
        ]
        asks += _steps() if subject.id in stepped else []
        work.append(Work(subject=subject, asks=tuple(asks), shelf=shelf))
    return tuple(work)


def asks_of(chart: HumanChart, source: Source) -> Iterator[Ask]:
    """A map like this one; from std charts also the catch map that the game makes of it."""
    own = Ask(
        group=chart.mode.name.lower(),
        chart=chart.name,
        mode=chart.mode,
        stars=chart.stars,
        keys=chart.keys,
        timing=source,
        truth=chart.beatmap,
        shift_ms=chart.shift_ms,
    )
    yield own
    if chart.mode is Mode.STD:
        yield Ask(
            group=CONVERTED,
            chart=chart.name,
            mode=Mode.CATCH,
            stars=stars(chart.beatmap, Mode.CATCH),
            timing=source,
            truth=chart.beatmap,
            shift_ms=chart.shift_ms,
        )


def _steps() -> list[Ask]:
    return [
        Ask(group=ASKED_STARS, chart=f"{step:g} stars", mode=Mode.STD, stars=step) for step in STEPS
    ]


def _results(work: Sequence[Work], jobs: int) -> Iterator[SongResult]:
    """Results as they come."""
    if jobs == 1:
        yield from map(evaluate_song, work)
        return
    # Not forked: ONNX Runtime's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context)
    try:
        for future in as_completed([pool.submit(evaluate_song, one) for one in work]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)
