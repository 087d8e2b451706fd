"""Rules of mania's own: columns, settings, scrolling, hitsounds; those of patterns stand apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.level import Level
from beatheritage.review import mania_patterns
from beatheritage.review.consistency import unlike_times
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map, lowest
from beatheritage.review.mania_patterns import beat_at, rows, streams
from beatheritage.review.rule import CRITERIA, MANIA, VERIFIER, MapRule, Rule, SetRule
from beatheritage.review.samples import ADDITIONS, without_suffix
from beatheritage.review.subject import MapSubject, SetSubject

# How far the notes of a column may be from the mean, as a share of it.
UNEVEN_PROBLEM, UNEVEN_WARNING = 0.35, 0.2

HIGHEST_SETTING = {Level.EASY: 7.0, Level.NORMAL: 7.5, Level.HARD: 8.0}

# Scroll speed over the usual, of changes that last, by level.
SCROLL_SPEEDS = {
    Level.NORMAL: (0.9, 1.05),
    Level.HARD: (0.8, 1.1),
    Level.INSANE: (0.7, 1.1),
    Level.EXPERT: (0.6, 1.1),
}
LASTING_MEASURES = 4
# Velocities are written with few digits.
SAME_SPEED = 0.01

# Streams of these beats need a pause, a longer gap, after a musical phrase.
PHRASE_STREAMS = {Level.NORMAL: 1 / 2, Level.HARD: 1 / 4}
PHRASE_MEASURES = 4

MOST_KEYSOUNDS = 0.5  # of the notes
DIFFERENT_SOUNDS_WARNING, DIFFERENT_SOUNDS_MINOR = 0.2, 0.05  # of the times two maps share
MOST_PLAIN_KEYS = 10


def column_distribution(subject: MapSubject) -> Iterator[Finding]:
    """A column without notes, or with over 35 % (Warning: 20 %) more or fewer than the mean."""
    if not subject.objects:
        return
    counts = Counter(subject.columns)
    mean = len(subject.objects) / subject.keys
    for column in range(subject.keys):
        count = counts[column]
        off = (count - mean) / mean
        text = f"column {column + 1} has {count} notes, {off:+.0%} against the mean"
        if not count:
            yield problem(f"column {column + 1} has no notes")
        elif abs(off) > UNEVEN_PROBLEM:
            yield problem(text)
        elif abs(off) > UNEVEN_WARNING:
            yield warning(text)


def high_settings(subject: MapSubject) -> Iterator[Finding]:
    """HP or OD above 7 (Easy), 7.5 (Normal) or 8 (Hard)."""
    highest = HIGHEST_SETTING.get(level_of_map(subject))
    if highest is None:
        return
    difficulty = subject.beatmap.difficulty
    for name, value in (("HP", difficulty.hp_drain), ("OD", difficulty.overall_difficulty)):
        if value > highest:
            yield warning(f"{name} {value:g}, at most {highest:g} are usual")


def phrase_pauses(subject: MapSubject) -> Iterator[Finding]:
    """A stream of 1/2 (Normal) or 1/4 (Hard) that goes on for over four measures."""
    beats = PHRASE_STREAMS.get(level_of_map(subject))
    for run in streams(subject, beats) if beats else ():
        beat, meter = beat_at(subject, run[0].objects[0]), subject.pace.at(run[0].time).meter
        played = beat.gap(run[-1].time - run[0].time)
        if played > PHRASE_MEASURES * meter * (1 + beat.ease) + 0.01:
            yield minor(f"{played:.0f} beats without a pause", *run[0].objects)


@lru_cache(maxsize=64)
def usual_beat(subject: MapSubject) -> float:
    """The beat, ms, that holds for most of the map: the one that scrolling is measured by."""
    spans: defaultdict[float, float] = defaultdict(float)
    lines = subject.timing.lines
    end = float(subject.ends.max()) if subject.objects else lines[-1].time
    stops = [*(line.time for line in lines[1:]), max(end, lines[-1].time)]
    for line, stop in zip(lines, stops, strict=True):
        spans[line.beat_length] += stop - line.time
    return max(spans, key=lambda length: spans[length])


def scroll_speed(subject: MapSubject, time: float) -> float:
    """How fast notes fall at a time, over a velocity of 1 at the map's usual tempo."""
    return subject.scroll_speed(time) * usual_beat(subject)


def _differ(first: float, second: float) -> bool:
    """Whether two speeds are not meant to be one."""
    return round(abs(first - second), 6) > SAME_SPEED


def scroll_changes(subject: MapSubject) -> Iterator[Finding]:
    """Easy: a slider velocity that changes how fast notes fall. Above, one that lasts over four
    measures outside 0.9 to 1.05 (Normal), 0.8 to 1.1, 0.7 to 1.1, 0.6 to 1.1 (Expert) times the
    usual: a Warning."""
    level = min(level_of_map(subject), Level.EXPERT)
    if level == Level.EASY:
        yield from changed_scroll(subject)
        return
    slowest, fastest = SCROLL_SPEEDS[level]
    for start, end, speed in _scroll_spans(subject):
        measure = subject.pace.at(start).meter * subject.pace.at(start).beat_length
        lasting = end - start > LASTING_MEASURES * measure
        if lasting and not slowest - SAME_SPEED <= speed <= fastest + SAME_SPEED:
            text = f"notes fall at {speed:.2f}x for {(end - start) / 1000:.1f} s"
            yield warning(text, time=start)


def _scroll_spans(subject: MapSubject) -> Iterator[tuple[float, float, float]]:
    """Stretches of one scroll speed: from, to, speed."""
    times = sorted({point.time for point in subject.beatmap.timing_points})
    if not subject.objects or not times:
        return
    start, speed, end = times[0], 0.0, float(subject.ends.max())
    for time in times:
        now = scroll_speed(subject, time)
        if speed and _differ(now, speed):
            yield start, time, speed
            start = time
        speed = now
    yield start, max(start, end), speed


def changed_scroll(subject: MapSubject) -> Iterator[Finding]:
    """Notes that a green line makes fall otherwise than the first, in one finding."""
    times = subject.starts.tolist()
    velocities = [subject.pace.at(time).velocity for time in times]
    speeds = [scroll_speed(subject, time) for time in times]
    odd = [
        index
        for index, (velocity, speed) in enumerate(zip(velocities, speeds, strict=True))
        # What evens out a change of tempo is meant so.
        if _differ(velocity, velocities[0]) and _differ(speed / speeds[0], 1)
    ]
    if odd:
        yield problem(f"{len(odd)} notes fall at another speed", odd[0])


def variable_bpm(subject: MapSubject) -> Iterator[Finding]:
    """A change of tempo that slider velocity does not even out: a Problem in an Easy."""
    lines = subject.timing.lines
    if not subject.objects or len({line.beat_length for line in lines}) < 2:
        return
    make = problem if level_of_map(subject) == Level.EASY else warning
    speeds = [(line.time, scroll_speed(subject, line.time)) for line in lines]
    odd = [(time, speed) for time, speed in speeds if _differ(speed, 1)]
    if odd:
        text = f"{len(odd)} tempos are not evened out, the first scrolls at {odd[0][1]:.2f}x"
        yield make(text, time=odd[0][0])


def lowest_normal(subject: SetSubject) -> Iterator[Finding]:
    """A Normal that is the lowest difficulty with changes of slider velocity, or of tempo that are
    not evened out."""
    found = lowest(subject)
    if found is None or level_of_map(found[1]) != Level.NORMAL:
        return
    of, one = found
    for rule in (changed_scroll, variable_bpm):
        for finding in rule(one):
            yield problem(finding.message, *finding.objects, time=finding.time, of=of)


def double_hit_sounds(subject: MapSubject) -> Iterator[Finding]:
    """The same hitsound on several notes of a chord, which makes it louder."""
    for row in rows(subject):
        heard = Counter(
            (sound, subject.objects[index].sample)
            for index in row.objects
            for sound in (HitSound.WHISTLE, HitSound.FINISH, HitSound.CLAP)
            if subject.objects[index].sound & sound
        )
        twice = [sound for (sound, _), count in heard.items() if count > 1]
        if twice:
            names = ", ".join(str(sound.name).lower() for sound in twice)
            yield warning(f"the chord plays more than one {names}", *row.objects)


def hit_normal_usage(subject: MapSubject) -> Iterator[Finding]:
    """Keysounds, which play instead of the hitnormal: a Warning on more than half of the notes.

    No Problem, since a keysound can hold a hitnormal, and a song made of keysounds needs none.
    """
    keyed = [index for index, item in enumerate(subject.objects) if item.sample.filename]
    if not keyed:
        return
    make = warning if len(keyed) > MOST_KEYSOUNDS * len(subject.objects) else minor
    yield make(f"{len(keyed)} notes play a keysound and no hitnormal", keyed[0])


def hit_sound_consistency(subject: SetSubject) -> Iterator[Finding]:
    """Two difficulties that sound otherwise at over 20 % (Minor: 5 %) of the times they share."""
    sounds = [_sounds(one) for one in subject.maps]
    for (first, one), (second, other) in combinations(enumerate(sounds), 2):
        shared, unlike = unlike_times(one, other)
        if len(unlike) <= DIFFERENT_SOUNDS_MINOR * shared:
            continue
        text = f"sounds unlike {subject.maps[first].label} at {len(unlike)} of {shared} times"
        make = warning if len(unlike) > DIFFERENT_SOUNDS_WARNING * shared else minor
        yield make(text, time=float(unlike[0]), of=second)


def _sounds(subject: MapSubject) -> dict[int, HitSound]:
    """What additions sound at each time, ms."""
    heard: dict[int, HitSound] = {}
    for item in subject.objects:
        time = round(item.time)
        heard[time] = heard.get(time, HitSound.NONE) | (item.sound & ADDITIONS)
    return heard


def missing_hit_sounds(subject: SetSubject) -> Iterator[Finding]:
    """A keysound that a note names and the set does not hold."""
    if subject.files is None:
        return
    there = {without_suffix(name) for name in subject.files.names}
    for index, one in enumerate(subject.maps):
        for number, item in enumerate(one.objects):
            name = item.sample.filename
            if name and without_suffix(name) not in there:
                yield problem(f"plays {name!r}, which is not there", number, of=index)


def playstyle(subject: SetSubject) -> Iterator[Finding]:
    """A difficulty that does not name its keys where there are over ten, or maps of several counts;
    N+1 style without its tag."""
    counts = {one.keys for one in subject.maps}
    for index, one in enumerate(subject.maps):
        named = f"{one.keys}k" in one.beatmap.metadata.version.casefold()
        if not named and (one.keys > MOST_PLAIN_KEYS or len(counts) > 1):
            yield warning(f"the name does not say {one.keys}K", of=index)
        tags = {tag.casefold() for tag in one.beatmap.metadata.tags}
        if one.beatmap.general.special_style and "n+1" not in tags:
            yield warning("special style without the tag N+1", of=index)


_WARNING, _PROBLEM = (Severity.WARNING,), (Severity.PROBLEM,)
_GRAVE = (Severity.WARNING, Severity.PROBLEM)
_LIGHT = (Severity.MINOR, Severity.WARNING)

RULES: tuple[Rule, ...] = (
    *mania_patterns.RULES,
    MapRule(
        name="ColumnDistribution",
        group=Group.COMPOSE,
        judge=column_distribution,
        modes=MANIA,
        severities=_GRAVE,
        thresholds=("UNEVEN_PROBLEM", "UNEVEN_WARNING"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="PhrasePauses",
        group=Group.SPREAD,
        judge=phrase_pauses,
        modes=MANIA,
        severities=(Severity.MINOR,),
        thresholds=("PHRASE_STREAMS", "PHRASE_MEASURES"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="DiffSettingsLowerDifficulties",
        group=Group.SETTINGS,
        judge=high_settings,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("HIGHEST_SETTING",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="EasySliderVelocity",
        group=Group.TIMING,
        judge=scroll_changes,
        modes=MANIA,
        severities=_GRAVE,
        thresholds=("SCROLL_SPEEDS", "LASTING_MEASURES"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="VariableBpm",
        group=Group.TIMING,
        judge=variable_bpm,
        modes=MANIA,
        severities=_GRAVE,
        thresholds=("SAME_SPEED",),
        sources=(VERIFIER, CRITERIA),
    ),
    SetRule(
        name="LowestManiaNormal",
        group=Group.SPREAD,
        scope=Scope.SET,
        judge=lowest_normal,
        modes=MANIA,
        severities=_PROBLEM,
        completeness=True,
        sources=(CRITERIA,),
    ),
    SetRule(
        name="Playstyle",
        group=Group.METADATA,
        scope=Scope.SET,
        judge=playstyle,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("MOST_PLAIN_KEYS",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="DoubleHitSounds",
        group=Group.HIT_SOUNDS,
        judge=double_hit_sounds,
        modes=MANIA,
        severities=_WARNING,
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="HitNormalUsage",
        group=Group.HIT_SOUNDS,
        judge=hit_normal_usage,
        modes=MANIA,
        severities=_LIGHT,
        thresholds=("MOST_KEYSOUNDS",),
        sources=(VERIFIER, CRITERIA),
    ),
    SetRule(
        name="ManiaHitSoundConsistency",
        group=Group.HIT_SOUNDS,
        scope=Scope.SET,
        judge=hit_sound_consistency,
        modes=MANIA,
        severities=_LIGHT,
        thresholds=("DIFFERENT_SOUNDS_WARNING", "DIFFERENT_SOUNDS_MINOR"),
        sources=(VERIFIER,),
    ),
    SetRule(
        name="MissingHitSoundFiles",
        group=Group.HIT_SOUNDS,
        scope=Scope.SET,
        judge=missing_hit_sounds,
        modes=MANIA,
        severities=_PROBLEM,
        sources=(VERIFIER,),
    ),
)
