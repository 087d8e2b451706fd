"""The pictures that a storyboard shows, in a map or in the set's .osb file."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from beatheritage.osu.parse import raw_sections
from beatheritage.osu.parse_settings import standard_path
from beatheritage.review.subject import SetSubject

# The event types that show or play a file, by both of their names, and where that file stands.
_SPRITES = {"Sprite": 3, "4": 3, "Animation": 3, "6": 3}
_SOUNDS = {"Sample": 3, "5": 3}
_FIELDS = re.compile(r'"[^"]*"|[^,]+')
OVERLAY = "Overlay"
_LAYER_NUMBER = "4"
_MOST_FRAMES = 1000


class Shown(NamedTuple):
    """A file that a storyboard uses, and the layer that it is on."""

    name: str
    layer: str
    is_sound: bool = False


def shown(subject: SetSubject) -> list[Shown]:
    """Everything that the storyboards of a set use, each file as often as it is named."""
    lines = [line for one in subject.maps for line in one.beatmap.events.storyboard]
    for name in subject.files.names if subject.files else ():
        if name.lower().endswith(".osb"):
            assert subject.files is not None
            lines += raw_sections(subject.files.read(name)).get("Events", ())
    return [found for line in lines for found in _read_line(line)]


def _read_line(line: str) -> Iterator[Shown]:
    if line[0] in " _":
        return
    fields = _FIELDS.findall(line)
    kind = fields[0].strip() if fields else ""
    place = _SPRITES.get(kind) or _SOUNDS.get(kind)
    if place is None or len(fields) <= place:
        return
    name = standard_path(fields[place])
    if kind in _SOUNDS:
        yield Shown(name, "", is_sound=True)
        return
    layer = OVERLAY if fields[1].strip() in (OVERLAY, _LAYER_NUMBER) else fields[1].strip()
    if kind in ("Animation", "6"):
        stem, dot, suffix = name.rpartition(".")
        count = int(fields[6]) if len(fields) > 6 and fields[6].strip().isdigit() else 1
        for frame in range(min(count, _MOST_FRAMES)):
            yield Shown(f"{stem}{frame}{dot}{suffix}", layer)
    else:
        yield Shown(name, layer)
