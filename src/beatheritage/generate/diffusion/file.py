"""New places in a map's file, every other byte of which stays as it was."""

from collections import defaultdict, deque

from beatheritage.generate.splice import LINE, codec_of
from beatheritage.osu.beatmap import Beatmap, HitObject, Slider
from beatheritage.osu.parse import LAZER_VERSION, early_offset
from beatheritage.osu.parse_objects import read_object
from beatheritage.osu.write_objects import curve_text, whole_pixels

SECTION = "[HitObjects]"
CURVE_FIELD = 5


def with_places(original: bytes, old: Beatmap, fresh: Beatmap) -> bytes:
    """The file of ``old`` with the coordinates of ``fresh``, object by object.

    Lines of objects that did not move, and lines that aren't objects, stay as they are.
    """
    moved: dict[HitObject, deque[HitObject]] = defaultdict(deque)
    for before, after in zip(old.objects, fresh.objects, strict=True):
        moved[before].append(after)
    codec = codec_of(original)
    text = original.decode(codec)
    offset = early_offset(old.format_version)
    fractions = old.format_version >= LAZER_VERSION
    lines = []
    inside = False
    for line in LINE.findall(text + "\n"):  # for the last line to have an end too
        bare = line.strip("\ufeff \t\r\n")
        if bare[:1] == "[" and bare[-1:] == "]":
            inside = bare == SECTION
        elif inside and bare:
            line = _moved(line, moved, offset, fractions)
        lines.append(line)
    return "".join(lines)[:-1].encode(codec)


def _moved(
    line: str, moved: dict[HitObject, deque[HitObject]], offset: float, fractions: bool
) -> str:
    try:
        before = read_object(line.strip(), offset, fractions)
    except ValueError:
        return line
    waiting = moved.get(before)
    if not waiting:
        return line
    after = waiting.popleft()
    if after == before:
        return line
    fields = line.split(",")
    fields[:2] = whole_pixels(after.x), whole_pixels(after.y)
    if isinstance(after, Slider):
        fields[CURVE_FIELD] = curve_text(after)
    rewritten = ",".join(fields)
    # A slider whose line says no length has that of its curve: it would change.
    return rewritten if read_object(rewritten.strip(), offset, fractions) == after else line
