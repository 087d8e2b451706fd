"""Repairs of hitsounds: additions where there are none for long, fewer finishes, no silence."""

from dataclasses import replace

from beatheritage.generate.repair.edits import edited, findings, subject_of
from beatheritage.osu.beatmap import Beatmap, EdgeSound, HitObject, HitSound, Slider
from beatheritage.review.hit_sounds import (
    COMMON_FINISH_SHARE,
    LONG_MINOR,
    MUTED_WARNING,
    common_finish,
    few_hit_sounds,
    muted,
)
from beatheritage.review.samples import Hit
from beatheritage.review.subject import MapSubject
from beatheritage.timing.grid import TICKS_PER_BEAT

AUDIBLE = MUTED_WARNING + 1  # percent


def hit_sounds(beatmap: Beatmap) -> Beatmap:
    """Where additions are missing for long, a whistle on the downbeats, or when it is time."""
    if not findings(beatmap, few_hit_sounds):
        return beatmap
    subject = subject_of(beatmap)
    whistled: dict[int, HitObject | None] = {}
    for quiet in _quiet_stretches(subject):
        last = quiet[0].time
        for place, hit in enumerate(quiet):
            long_ago = place + 1 < len(quiet) and quiet[place + 1].time - last > LONG_MINOR
            if long_ago or _on_downbeat(subject, hit.time):
                item = whistled.get(hit.item) or beatmap.objects[hit.item]
                whistled[hit.item] = sounding(item, _edge_of(subject, hit), HitSound.WHISTLE)
                last = hit.time
    if not whistled:  # nothing is long, and nothing on a downbeat
        whistled[0] = sounding(beatmap.objects[0], 0, HitSound.WHISTLE)
    return edited(beatmap, whistled)


def _quiet_stretches(subject: MapSubject) -> list[list[Hit]]:
    """Presses without additions, over a time that the rule of hitsounds names; all where no press
    has any."""
    stretches: list[list[Hit]] = [[]]
    for hit in subject.hits:
        if hit.has_addition:
            stretches.append([])
        elif not hit.passive:
            stretches[-1].append(hit)
    silent = len(stretches) == 1
    return [one for one in stretches if one and (silent or one[-1].time - one[0].time > LONG_MINOR)]


def _on_downbeat(subject: MapSubject, time: float) -> bool:
    beat, rest = divmod(int(subject.timing.tick(time)), TICKS_PER_BEAT)
    return rest == 0 and int(subject.timing.bar_phase(beat)) == 0


def _edge_of(subject: MapSubject, hit: Hit) -> int:
    times = subject.moments[hit.item]
    return min(range(len(times)), key=lambda edge: abs(times[edge] - hit.time))


def sounding(item: HitObject, edge: int, addition: HitSound) -> HitObject:
    """The object with an addition at one of its edges."""
    return _with_sound(item, edge, lambda sound: sound | addition)


def _with_sound(item: HitObject, edge: int, change) -> HitObject:
    if not isinstance(item, Slider):
        return replace(item, sound=change(item.sound))
    plain = EdgeSound(item.sound, item.sample.normal_set, item.sample.addition_set)
    edges = [*item.edges, *[plain] * (item.slides + 1 - len(item.edges))]
    edges[edge] = edges[edge]._replace(sound=change(edges[edge].sound))
    return replace(item, edges=tuple(edges))


def fewer_finishes(beatmap: Beatmap) -> Beatmap:
    """Finishes off the downbeats become whistles, then every other one, until they are rare."""
    if not findings(beatmap, common_finish):
        return beatmap
    subject = subject_of(beatmap)
    presses = [hit for hit in subject.hits if not hit.passive]
    finishes = [hit for hit in presses if hit.sound & HitSound.FINISH]
    most = int(COMMON_FINISH_SHARE * len(presses))
    on = [hit for hit in finishes if _on_downbeat(subject, hit.time)]
    off = [hit for hit in finishes if not _on_downbeat(subject, hit.time)]
    # Evenly, so that what stays is heard all over the map.
    kept = on[:: -(-len(on) // most)] if len(on) > most > 0 else on[:most]
    going = [hit for hit in (*on, *off) if hit not in kept]
    changes: dict[int, HitObject | None] = {}
    for hit in going:
        item = changes.get(hit.item) or beatmap.objects[hit.item]
        changes[hit.item] = _with_sound(
            item,
            _edge_of(subject, hit),
            lambda sound: (sound & ~HitSound.FINISH) | HitSound.WHISTLE,
        )
    return edited(beatmap, changes)


def audible(beatmap: Beatmap) -> Beatmap:
    """What can hardly be heard is played by a sample volume of its own."""
    changes: dict[int, HitObject | None] = {}
    for finding in findings(beatmap, muted):
        for index in finding.objects:
            item = beatmap.objects[index]
            changes[index] = replace(item, sample=item.sample._replace(volume=AUDIBLE))
    return edited(beatmap, changes)
