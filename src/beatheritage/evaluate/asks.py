"""What is asked of the validation songs, table by table."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from beatheritage.evaluate.outcome import SEED, Ask, Outcome, Source
from beatheritage.evaluate.subjects import HumanChart, Subject
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars
from beatheritage.tokens.prompt import Style

TableName = Literal["rhythm", "likeness", "stars", "kept", "holds", "knobs", "quality", "sets"]
TABLES: tuple[TableName, ...] = get_args(TableName)

# Groups of rows, besides the modes of people's charts.
CONVERTED = "converted"
ASKED = "asked"
ENDS = "ends"
PLAIN = "plain"
DRAFTED = "drafted"
KEPT = "kept"
HOLDS = "holds"
KNOBS = "knobs"

ALL = 1000  # songs: more than there are
SONGS = 30  # that stars are asked of, in every mode
RATINGS = 3  # for each of them
HOLD_SONGS = 8
KNOB_SONGS = 10
PLAIN_EVERY = 5  # of the stars asked for, so many are written plainly as well
KEYS = (4, 4, 7)  # mania's, song by song
STARS_STEP = 0.5
STARS_ASKED = {
    Mode.STD: (1.5, 7.0),
    Mode.TAIKO: (1.5, 6.0),
    Mode.CATCH: (1.5, 6.0),
    Mode.MANIA: (1.5, 6.0),
}
HOLD_SHARES = (0.0, 0.2, 0.4, 0.6)
# Low, middle, high.
KNOB_VALUES: Mapping[str, tuple[float, float, float]] = {
    "density": (0.2, 0.4, 0.6),
    "spacing": (0.2, 0.5, 0.8),
    "slider_share": (0.2, 0.4, 0.65),
    "stream_share": (0.05, 0.25, 0.5),
}


def ladder(mode: Mode) -> tuple[float, ...]:
    """Every step of stars that is asked for."""
    low, high = STARS_ASKED[mode]
    return tuple(low + STARS_STEP * step for step in range(round((high - low) / STARS_STEP) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How far the asking goes. Rhythm is asked of all songs, once for every seed, with the charts'
    own timing as well where ``true_timing``; all else of ``most`` songs."""

    true_timing: bool = False
    most: int = ALL
    seeds: int = 1


def asks_for(
    subjects: Sequence[Subject], tables: Collection[TableName], extent: Extent
) -> dict[str, list[Ask]]:
    """What is asked of each song, by its id."""
    most = extent.most
    asked: dict[str, list[Ask]] = {subject.id: [] for subject in subjects}
    if "rhythm" in tables:
        sources: tuple[Source, ...] = ("found", "true") if extent.true_timing else ("found",)
        for subject in subjects:
            for seed in range(SEED, SEED + extent.seeds):
                asks = rhythm_asks(subject, sources)
                asked[subject.id] += [replace(ask, seed=seed) for ask in asks]
    if "kept" in tables:
        for subject in evenly(subjects, most):
            asked[subject.id] += kept_asks(subject)
    if "stars" in tables:
        for place, subject in enumerate(evenly(subjects, min(SONGS, most))):
            asked[subject.id] += star_asks(place)
    for name, asks, songs in OF_SOME_SONGS:
        for subject in evenly(subjects, min(songs, most)) if name in tables else ():
            asked[subject.id] += asks()
    return asked


def evenly(subjects: Sequence[Subject], most: int) -> list[Subject]:
    """At most so many songs, from all over the list."""
    count = min(most, len(subjects))
    return [subjects[place * len(subjects) // count] for place in range(count)]


def rhythm_asks(subject: Subject, sources: Sequence[Source]) -> list[Ask]:
    """A plain map for each chart; for std charts also the catch map that the game makes of it."""
    asks = []
    for chart in subject.charts:
        for source in sources:
            own = like(chart, chart.mode.name.lower(), source)
            asks.append(own)
            if chart.mode is Mode.STD:
                rated = stars(chart.beatmap, Mode.CATCH)
                asks.append(replace(own, group=CONVERTED, mode=Mode.CATCH, stars=rated))
    return asks


def like(chart: HumanChart, group: str, source: Source = "found") -> Ask:
    """A plain map as hard as a chart, which is its truth."""
    return Ask(
        group=group,
        chart=chart.name,
        mode=chart.mode,
        stars=chart.stars,
        keys=chart.keys,
        timing=source,
        truth=chart.beatmap,
        shift_ms=chart.shift_ms,
        stage="plain",
    )


def kept_asks(subject: Subject) -> list[Ask]:
    """Of each mode the middle chart: as a draft, and whole, with all that comes after it."""
    asks = []
    for mode in Mode:
        charts = sorted((one for one in subject.charts if one.mode is mode), key=_stars)
        if charts:
            whole = replace(like(charts[len(charts) // 2], KEPT), stage="whole")
            asks += [replace(whole, group=DRAFTED, stage="draft"), whole]
    return asks


def _stars(chart: HumanChart) -> float:
    return chart.stars


def star_asks(place: int) -> list[Ask]:
    """Stars for the song at a place of the list, in every mode: low, middling and high ones, such
    that the songs together ask for every step alike. Some are asked for plainly too, for the cost.
    """
    asks = []
    for mode in Mode:
        steps = ladder(mode)
        for rating in range(RATINGS):
            step = steps[(place + rating * len(steps) // RATINGS) % len(steps)]
            whole = Ask(
                group=ASKED,
                chart=f"{step:g} stars",
                mode=mode,
                stars=step,
                keys=KEYS[place % len(KEYS)] if mode is Mode.MANIA else 0,
            )
            asks.append(whole)
            if (place * RATINGS + rating) % PLAIN_EVERY == 0:
                asks.append(replace(whole, group=PLAIN, stage="plain"))
    return asks


def end_asks(outcome: Outcome) -> list[Ask]:
    """The two ends of the range that a song was said to carry, where one was named."""
    return [
        Ask(
            group=ENDS,
            chart=f"the {name} end, for {outcome.chart}",
            mode=Mode[outcome.mode.upper()],
            stars=end,
            keys=outcome.keys,
        )
        for name, end in zip(("low", "high"), outcome.reach or (), strict=False)
    ]


def hold_asks() -> list[Ask]:
    return [
        Ask(
            group=HOLDS,
            chart=knob_words("hold_share", share),
            mode=Mode.MANIA,
            stars=None,
            keys=KEYS[0],
            style=Style(hold_share=share),
        )
        for share in HOLD_SHARES
    ]


def knob_asks() -> list[Ask]:
    """One knob each, in std, and nothing else: a search for stars would turn others as well."""
    return [
        Ask(
            group=KNOBS,
            chart=knob_words(knob, value),
            mode=Mode.STD,
            stars=None,
            style=Style(**{knob: value}),
            stage="plain",
        )
        for knob, values in KNOB_VALUES.items()
        for value in values
    ]


def knob_words(knob: str, value: float) -> str:
    """What a row of one knob is called."""
    return f"{knob} {value:g}"


OF_SOME_SONGS: tuple[tuple[TableName, Callable[[], list[Ask]], int], ...] = (
    ("holds", hold_asks, HOLD_SONGS),
    ("knobs", knob_asks, KNOB_SONGS),
)
"""Tables for which every song is asked alike, and how many songs are."""
