"""What the difficulties of a set must have in common, or have to be as they should."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.metadata import song_fields
from beatheritage.review.rule import CATCH, CRITERIA, STD, VERIFIER, Rule, SetRule, lazer
from beatheritage.review.samples import ADDITIONS
from beatheritage.review.snapping import divisors
from beatheritage.review.subject import MapSubject, SetSubject

SAME_TEMPO = 1e-3  # ms of beat length
RARE_WARNING, RARE_WARNING_SHARE = 3, 0.005  # edges of one divisor in a map
RARE_MINOR, RARE_MINOR_SHARE = 7, 0.05
COMMON_DIVISORS = (1, 2, 4)  # nobody takes these for a slip
SAME_TIME = 3.0  # ms
MISMATCH_BEATS = 1 / 8  # edges of two difficulties nearer than this ought to be one
DIFFERENT_SOUNDS = 0.25  # share of the edges in common, from which it is no accent

_SETTINGS: tuple[tuple[str, Callable[..., Finding], Callable[[Beatmap], object]], ...] = (
    ("audio lead-in", problem, lambda one: one.general.audio_lead_in),
    ("epilepsy warning", problem, lambda one: dict(one.general.other).get("EpilepsyWarning", "0")),
    ("countdown", warning, lambda one: one.general.countdown),
    ("letterbox in breaks", warning, lambda one: one.general.letterbox_in_breaks),
    ("widescreen storyboard", warning, lambda one: one.general.widescreen_storyboard),
    ("skin preference", warning, lambda one: dict(one.general.other).get("SkinPreference", "")),
    (
        "samples that follow the playback rate",
        warning,
        lambda one: dict(one.general.other).get("SamplesMatchPlaybackRate", "0"),
    ),
)


def _most_common(values: list[Any]) -> Any:
    return Counter(values).most_common(1)[0][0]


def _strangers(
    maps: tuple[MapSubject, ...], value_of: Callable[[Beatmap], Any]
) -> Iterator[tuple[int, Any, Any]]:
    """Maps that differ from most: index, what they have, what most have."""
    values = [value_of(one.beatmap) for one in maps]
    usual = _most_common(values)
    yield from ((index, value, usual) for index, value in enumerate(values) if value != usual)


def inconsistent_metadata(subject: SetSubject) -> Iterator[Finding]:
    """Artist, title, creator, source or tags that differ between difficulties."""
    for name in _shared_metadata(Beatmap()):
        for index, value, usual in _strangers(
            subject.maps, lambda one, name=name: _shared_metadata(one)[name]
        ):
            yield problem(f"{name} is {value!r}, elsewhere {usual!r}", of=index)


def _shared_metadata(beatmap: Beatmap) -> dict[str, str]:
    one = beatmap.metadata
    rest = {"creator": one.creator, "source": one.source, "tags": " ".join(one.tags)}
    return song_fields(one) | rest


def inconsistent_settings(subject: SetSubject) -> Iterator[Finding]:
    """Settings that belong to the whole set and differ between its difficulties."""
    for name, finding, value_of in _SETTINGS:
        for index, value, usual in _strangers(subject.maps, value_of):
            yield finding(f"{name}: {value!r}, elsewhere {usual!r}", of=index)
    for mode in Mode:
        indices = [index for index, one in enumerate(subject.maps) if one.mode is mode]
        maps = tuple(subject.maps[index] for index in indices)
        if maps:
            for place, value, usual in _strangers(
                maps, lambda one: one.difficulty.slider_tick_rate
            ):
                message = f"tick rate: {value:g}, elsewhere {usual:g}"
                yield minor(message, of=indices[place])


def inconsistent_lines(subject: SetSubject) -> Iterator[Finding]:
    """Red lines that differ between difficulties in time, tempo or meter."""
    if len(subject.maps) < 2:
        return
    usual = _most_common([_reds(one.beatmap) for one in subject.maps])
    by_time = {line[0]: line for line in usual}
    for index, one in enumerate(subject.maps):
        own = {line[0]: line for line in _reds(one.beatmap)}
        for time in sorted(by_time.keys() - own.keys()):
            yield problem("lacks a red line of the others", time=time, of=index)
        for time in sorted(own.keys() - by_time.keys()):
            yield problem("has a red line that the others lack", time=time, of=index)
        for time in sorted(own.keys() & by_time.keys()):
            (_, length, meter), (_, usual_length, usual_meter) = own[time], by_time[time]
            if abs(length - usual_length) > SAME_TEMPO:
                message = f"{60_000 / length:g} BPM, elsewhere {60_000 / usual_length:g}"
                yield problem(message, time=time, of=index)
            if meter != usual_meter:
                message = f"{meter} beats a bar, elsewhere {usual_meter}"
                yield problem(message, time=time, of=index)


def _reds(beatmap: Beatmap) -> tuple[tuple[float, float, int], ...]:
    return tuple(map(_red, beatmap.red_lines))


def _red(line: RedLine) -> tuple[float, float, int]:
    return line.time, line.beat_length, line.meter


def preview(subject: SetSubject) -> Iterator[Finding]:
    """A preview point that is not set, or not the same in all difficulties."""
    for index, one in enumerate(subject.maps):
        if one.beatmap.general.preview_time < 0:
            yield problem("the preview point is not set", of=index)
    for index, value, usual in _strangers(subject.maps, lambda one: one.general.preview_time):
        if value >= 0:
            yield problem(f"the preview point is at {value} ms, elsewhere {usual}", of=index)


def wrong_snapping(subject: SetSubject) -> Iterator[Finding]:
    """Edges on a divisor that the map hardly uses, or beside those of another difficulty."""
    edges = [_edges(one) for one in subject.maps]
    for index, (one, times) in enumerate(zip(subject.maps, edges, strict=True)):
        snaps = divisors(times, one.timing)
        counts = Counter(snaps.tolist())
        for divisor, count in sorted(counts.items()):
            if not divisor or divisor in COMMON_DIVISORS:
                continue
            places = times[snaps == divisor]
            yield from _rare(divisor, count, len(times), float(places[0]), index)
            if count <= RARE_MINOR:
                others = [other for place, other in enumerate(edges) if place != index]
                yield from _mismatches(places, one, others, index)


def _edges(subject: MapSubject) -> np.ndarray:
    return np.array(sorted(chain.from_iterable(subject.moments)), np.float64)


def is_slip(count: int, total: int) -> bool:
    """Whether so few of a map's edges are on a divisor that they must be mistakes."""
    return count <= RARE_WARNING or count <= RARE_WARNING_SHARE * total


def _rare(divisor: int, count: int, total: int, time: float, index: int) -> Iterator[Finding]:
    message = f"{count} of {total} edges are on 1/{divisor}, the first here"
    if is_slip(count, total):
        yield warning(message, time=time, of=index)
    elif count <= RARE_MINOR or count <= RARE_MINOR_SHARE * total:
        yield minor(message, time=time, of=index)


def _mismatches(
    places: np.ndarray, subject: MapSubject, others: list[np.ndarray], index: int
) -> Iterator[Finding]:
    """Edges at ``places`` that another difficulty has a little earlier or later."""
    lengths = np.array([line.beat_length for line in subject.timing.lines])
    near = lengths[subject.timing.line_index(places)] * MISMATCH_BEATS
    for time, reach in zip(places.tolist(), near.tolist(), strict=True):
        gaps = [float(np.abs(other - time).min()) for other in others if len(other)]
        if gaps and min(gaps) >= SAME_TIME and min(gaps) < reach:
            message = f"another difficulty has this edge {min(gaps):.0f} ms beside it"
            yield warning(message, time=time, of=index)


def hit_sound_consistency(subject: SetSubject) -> Iterator[Finding]:
    """Additions that differ from those of the difficulty with the most edges, at the same times."""
    sounds = [
        {round(hit.time): int(hit.sound) & ADDITIONS for hit in one.hits if not hit.passive}
        for one in subject.maps
    ]
    fullest = max(range(len(sounds)), key=lambda index: len(sounds[index]))
    for index, own in enumerate(sounds):
        common, different = unlike_times(own, sounds[fullest])
        if not different:
            continue
        usual = subject.maps[fullest].label
        message = f"{len(different)} of {common} edges sound otherwise than in {usual!r}"
        finding = warning if len(different) > DIFFERENT_SOUNDS * common else minor
        yield finding(message, time=float(different[0]), of=index)


def unlike_times(first: Mapping[int, int], second: Mapping[int, int]) -> tuple[int, list[int]]:
    """Of sounds by their times: how many times are in both, and at which of them they differ."""
    common = first.keys() & second.keys()
    return len(common), sorted(time for time in common if first[time] != second[time])


RULES: tuple[Rule, ...] = (
    SetRule(
        name="InconsistentMetadata",
        group=Group.METADATA,
        judge=inconsistent_metadata,
        scope=Scope.SET,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, lazer("InconsistentMetadata"), CRITERIA),
    ),
    SetRule(
        name="InconsistentSettings",
        group=Group.SETTINGS,
        judge=inconsistent_settings,
        scope=Scope.SET,
        severities=(Severity.PROBLEM, Severity.WARNING, Severity.MINOR),
        sources=(VERIFIER, lazer("InconsistentSettings")),
    ),
    SetRule(
        name="InconsistentLines",
        group=Group.TIMING,
        judge=inconsistent_lines,
        scope=Scope.SET,
        severities=(Severity.PROBLEM,),
        thresholds=("SAME_TEMPO",),
        sources=(VERIFIER, lazer("InconsistentTimingControlPoints"), CRITERIA),
    ),
    SetRule(
        name="Preview",
        group=Group.TIMING,
        judge=preview,
        scope=Scope.SET,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, lazer("PreviewTime"), CRITERIA),
    ),
    SetRule(
        name="WrongSnapping",
        group=Group.TIMING,
        judge=wrong_snapping,
        scope=Scope.SET,
        severities=(Severity.WARNING, Severity.MINOR),
        thresholds=(
            "RARE_WARNING",
            "RARE_WARNING_SHARE",
            "RARE_MINOR",
            "RARE_MINOR_SHARE",
            "COMMON_DIVISORS",
            "SAME_TIME",
            "MISMATCH_BEATS",
        ),
        sources=(VERIFIER,),
    ),
    SetRule(
        name="HitSoundConsistency",
        group=Group.HIT_SOUNDS,
        judge=hit_sound_consistency,
        modes=STD | CATCH,
        scope=Scope.SET,
        severities=(Severity.WARNING, Severity.MINOR),
        thresholds=("DIFFERENT_SOUNDS",),
        sources=(VERIFIER,),
    ),
)
