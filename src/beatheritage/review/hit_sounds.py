"""Whether a map is hitsounded, and can be heard."""

from collections.abc import Iterator

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.rule import CATCH, STD, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.samples import Hit
from beatheritage.review.subject import MapSubject

# How long a map may go without an addition, ms, and over how many edges.
LONG_MINOR, LONG_WARNING, LONG_PROBLEM = 4_000.0, 8_000.0, 24_000.0
FEW_EDGES, MANY_EDGES = 4, 16
MUTED_PROBLEM = 5  # percent
MUTED_WARNING = 20
COMMON_FINISH_SHARE = 0.2  # of the edges
COMMON_FINISH_LEAST = 20  # edges


def few_hit_sounds(subject: MapSubject) -> Iterator[Finding]:
    """No additions at all, or a long time without any."""
    # A slider's end need not sound, but where it does it breaks the silence.
    edges = [hit for hit in subject.hits if hit.has_addition or not hit.passive]
    if edges and not any(hit.has_addition for hit in edges):
        yield problem("there are no hitsounds")
        return
    quiet: list[Hit] = []
    for hit in edges:
        quiet.append(hit)
        if hit.has_addition:
            yield from _long_quiet(quiet)
            quiet = []
    yield from _long_quiet(quiet)


def _long_quiet(edges: list[Hit]) -> Iterator[Finding]:
    """Findings about edges of which the last alone may have an addition."""
    if not edges:
        return
    time, count = edges[-1].time - edges[0].time, len(edges)
    message = f"no hitsound for {time / 1000:.1f} s and {count} edges"
    if time > LONG_PROBLEM and count > MANY_EDGES:
        yield problem(message, edges[0].item)
    elif time > LONG_WARNING and count > FEW_EDGES:
        yield warning(message, edges[0].item)
    elif time > LONG_MINOR and count > FEW_EDGES:
        yield minor(message, edges[0].item)


def muted(subject: MapSubject) -> Iterator[Finding]:
    """Presses that can hardly be heard; at the end of a slider or spinner that is often meant."""
    told: dict[int, Finding] = {}
    for hit in subject.hits:
        finding = _muted(hit, subject.mode)
        known = told.get(hit.item)
        if finding and (known is None or finding.severity > known.severity):
            told[hit.item] = finding
    yield from told.values()


def _muted(hit: Hit, mode: Mode) -> Finding | None:
    if hit.volume > MUTED_WARNING:
        return None
    message = f"sounds at {hit.volume} %"
    if hit.passive:
        return minor(f"{message} at its end", hit.item)
    # Mania need not be hitsounded, and its keysounds are often in the song itself.
    if hit.volume <= MUTED_PROBLEM and mode is not Mode.MANIA:
        return problem(message, hit.item)
    return warning(message, hit.item)


def common_finish(subject: MapSubject) -> Iterator[Finding]:
    """Finishes so frequent that their cymbals run together."""
    edges = [hit for hit in subject.hits if not hit.passive]
    finishes = [hit for hit in edges if hit.sound & HitSound.FINISH]
    if len(finishes) >= COMMON_FINISH_LEAST and len(finishes) > COMMON_FINISH_SHARE * len(edges):
        yield warning(f"{len(finishes)} of {len(edges)} edges are finishes", finishes[0].item)


RULES: tuple[Rule, ...] = (
    MapRule(
        name="HitSounds",
        group=Group.HIT_SOUNDS,
        judge=few_hit_sounds,
        modes=STD | CATCH,
        severities=(Severity.PROBLEM, Severity.WARNING, Severity.MINOR),
        thresholds=("LONG_MINOR", "LONG_WARNING", "LONG_PROBLEM", "FEW_EDGES", "MANY_EDGES"),
        sources=(VERIFIER, lazer("FewHitsounds")),
    ),
    MapRule(
        name="Muted",
        group=Group.HIT_SOUNDS,
        judge=muted,
        severities=(Severity.PROBLEM, Severity.WARNING, Severity.MINOR),
        thresholds=("MUTED_PROBLEM", "MUTED_WARNING"),
        sources=(VERIFIER, lazer("MutedObjects")),
    ),
    MapRule(
        name="CommonFinish",
        group=Group.AUDIO,
        judge=common_finish,
        modes=STD | CATCH,
        severities=(Severity.WARNING,),
        thresholds=("COMMON_FINISH_SHARE", "COMMON_FINISH_LEAST"),
        sources=(VERIFIER,),
    ),
)
