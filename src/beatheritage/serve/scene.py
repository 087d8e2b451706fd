"""A map as the page draws it: plain values, everything that needs osu!'s rules worked out here."""

from typing import Any

import numpy as np

from beatheritage.generate.repair.finish import MAP_RULES
from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, Hold, Slider, Spinner
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace, State
from beatheritage.osu.stars import stars
from beatheritage.review.catcher import Move, catcher_width_px, fruits, ways
from beatheritage.review.issue import combo_numbers
from beatheritage.review.review import review_map
from beatheritage.review.stacking import Laid, lay
from beatheritage.review.subject import MapSubject

BODY_STEP_PX = 6.0
KINDS = {Circle: "circle", Slider: "slider", Spinner: "spinner", Hold: "hold"}
USUAL_BEAT = 400.0  # ms
COLOURS = ((255, 192, 0), (0, 202, 0), (18, 124, 255), (242, 24, 57))
"""osu!'s own combo colours, where a map names none."""


def scene(beatmap: Beatmap) -> dict[str, Any]:
    """Times in ms, places in osu! pixels with stacking done, colours as indices."""
    subject = MapSubject(beatmap=beatmap)
    said, difficulty = beatmap.metadata, beatmap.difficulty
    return {
        "mode": beatmap.mode.name.lower(),
        "title": said.title_unicode or said.title,
        "artist": said.artist_unicode or said.artist,
        "creator": said.creator,
        "version": said.version,
        "stars": round(stars(beatmap), 3),
        "approach_rate": difficulty.approach_rate,
        "overall_difficulty": difficulty.overall_difficulty,
        "hp_drain": difficulty.hp_drain,
        "circle_size": difficulty.circle_size,
        "preview": beatmap.general.preview_time,
        "colours": [list(colour) for colour in beatmap.combo_colours or COLOURS],
        "lines": [
            {"time": line.time, "beat_length": line.beat_length, "meter": line.meter}
            for line in beatmap.red_lines
        ],
        "kiai": _kiai(beatmap),
        "breaks": [list(rest) for rest in beatmap.events.breaks],
        "objects": _objects(subject),
        "catch": _catch(subject) if beatmap.mode is Mode.CATCH else None,
    }


def findings(beatmap: Beatmap) -> list[dict[str, Any]]:
    """What the checker finds in a map, the worst first; its set and its song are not judged."""
    judged = review_map(MapSubject(beatmap=beatmap), rules=MAP_RULES)
    found = sorted(judged, key=lambda issue: (-issue.severity, issue.time or 0))
    return [
        {
            "rule": issue.rule,
            "severity": issue.severity.name.lower(),
            "message": issue.message,
            "time": issue.time,
            "objects": list(issue.objects),
            "link": issue.link,
        }
        for issue in found
    ]


def _objects(subject: MapSubject) -> list[dict[str, Any]]:
    beatmap, pace = subject.beatmap, Pace(subject.beatmap)
    keys = round(beatmap.difficulty.circle_size)
    numbers, colours = combo_numbers(beatmap.objects), _colours(beatmap)
    listed = []
    for one, number, colour in zip(lay(subject), numbers, colours, strict=True):
        item = one.item
        listed.append(
            {
                "kind": KINDS[type(item)],
                "time": item.time,
                "end": one.end,
                "x": round(one.head.x, 2),
                "y": round(one.head.y, 2),
                "number": number,
                "colour": colour,
                "sound": _sound(item),
                "new_combo": item.new_combo,
                **_body(one),
                **({"column": column_of(item.x, keys)} if beatmap.mode is Mode.MANIA else {}),
                **({"scroll": _scroll(pace.at(item.time))} if beatmap.mode is Mode.TAIKO else {}),
            }
        )
    return listed


def _scroll(state: State) -> float:
    """How fast a note of taiko comes along: 1 at 150 BPM and the base velocity."""
    return round(state.velocity * USUAL_BEAT / state.beat_length, 3)


def _sound(item: HitObject) -> int:
    edges = item.edges if isinstance(item, Slider) else ()
    return int(edges[0].sound if edges else item.sound)


def _body(one: Laid) -> dict[str, Any]:
    """A slider's way, from its head, as x and y in turn."""
    if one.path is None or not isinstance(one.item, Slider):
        return {}
    count = max(2, int(np.ceil(one.path.length / BODY_STEP_PX)) + 1)
    places = one.path.places(np.linspace(0, one.path.length, count)) + one.shift
    return {"slides": one.item.slides, "body": np.round(places, 1).ravel().tolist()}


def _colours(beatmap: Beatmap) -> list[int]:
    """Which combo colour each object has: the first combo has the first but one to none."""
    count, current = len(beatmap.combo_colours or COLOURS), -1
    listed = []
    for index, item in enumerate(beatmap.objects):
        if item.new_combo or index == 0:
            current += 1 + item.combo_skip
        listed.append(current % count)
    return listed


def _kiai(beatmap: Beatmap) -> list[list[float]]:
    spans: list[list[float]] = []
    pace = Pace(beatmap)
    last = max((pace.end(item) for item in beatmap.objects), default=0.0)
    since: float | None = None
    for point in beatmap.timing_points:
        if point.kiai and since is None:
            since = point.time
        elif not point.kiai and since is not None:
            spans.append([since, point.time])
            since = None
    return spans if since is None else [*spans, [since, last]]


def _catch(subject: MapSubject) -> dict[str, Any]:
    """What falls, and after which fruit the catcher must dash beyond its speed."""
    caught = fruits(subject)
    hyper = {step.start.time for step in ways(subject) if step.move is Move.HYPER}
    return {
        "width": catcher_width_px(subject.beatmap.difficulty.circle_size),
        "fruits": [
            {
                "time": each.time,
                "x": round(each.x, 1),
                "part": each.part.name.lower(),
                "object": each.index,
                "hyper": each.time in hyper,
            }
            for each in caught
        ],
    }
