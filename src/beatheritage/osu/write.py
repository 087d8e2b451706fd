"""A Beatmap to the text of a .osu file: the strict writer.

Lines end in CR LF, as osu! itself writes them. The format version is 14, which every osu! reads,
unless the beatmap came from version 128 and has fractions of pixels, which only that one keeps;
under version 14 coordinates are rounded to whole pixels. What osu! would refuse or change on
reading is refused here with an InputError, so that ``parse(write(beatmap)).beatmap == beatmap``
for every beatmap that is in that form already.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from beatheritage.errors import InputError
from beatheritage.osu.archive import write_file
from beatheritage.osu.beatmap import (
    Beatmap,
    Editor,
    Events,
    General,
    GreenLine,
    Metadata,
    RedLine,
    TimingPoint,
)
from beatheritage.osu.limits import (
    BEAT_LENGTH,
    COLOUR,
    TIME,
    VOLUME,
    difficulty_ranges,
    velocity_range,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import number_text, velocity_text
from beatheritage.osu.parse import LATEST_VERSION, LAZER_VERSION
from beatheritage.osu.write_objects import has_fractions, object_line, refuse_object

_KIAI, _OMIT_BARLINE = 1, 8


def save(path: Path | str, beatmap: Beatmap) -> None:
    """Write the beatmap to a file, whole or not at all (InputError, OutputError)."""
    write_file(path, write(beatmap).encode())


def write(beatmap: Beatmap) -> str:
    """The text of the .osu file; InputError for a beatmap that osu! would not read as it is."""
    version = _format_version(beatmap)
    sections = {
        "General": _general(beatmap.general),
        "Editor": _editor(beatmap.editor),
        "Metadata": _metadata(beatmap.metadata),
        "Difficulty": _difficulty(beatmap),
        "Events": _events(beatmap.events),
        "TimingPoints": _timing_points(beatmap),
        "Colours": _colours(beatmap),
        "HitObjects": _objects(beatmap, version),
    }
    lines = [f"osu file format v{version}", ""]
    for name, content in sections.items():
        section = [_checked(name, line) for line in content]
        if section or name != "Colours":
            lines += [f"[{name}]", *section, ""]
    return "\r\n".join(lines)


def _format_version(beatmap: Beatmap) -> int:
    if beatmap.format_version < LAZER_VERSION:
        return LATEST_VERSION
    return LAZER_VERSION if any(map(has_fractions, beatmap.objects)) else LATEST_VERSION


def _checked(section: str, line: str) -> str:
    """The line, if a reader will take it for what it is."""
    bare = line.strip()
    if "\n" in line or "\r" in line:
        raise _refusal(section, line, "has a line break in it")
    if bare.startswith("[") and bare.endswith("]"):
        raise _refusal(section, line, "would be read as the name of a section")
    if section != "Metadata" and line.find("//") > 0:
        raise _refusal(section, line, "has a // in it, which begins a comment")
    return line


def _refusal(section: str, line: str, why: str) -> InputError:
    return InputError(f"cannot be written: {line[:60]!r} {why}", where=f"[{section}]")


def _general(general: General) -> Iterator[str]:
    yield f"AudioFilename: {general.audio_filename}"
    yield f"AudioLeadIn: {general.audio_lead_in}"
    yield f"PreviewTime: {general.preview_time}"
    yield f"Countdown: {general.countdown}"
    yield f"SampleSet: {general.sample_set}"
    yield f"StackLeniency: {_number(general.stack_leniency, 'StackLeniency')}"
    yield f"Mode: {int(general.mode)}"
    yield f"LetterboxInBreaks: {int(general.letterbox_in_breaks)}"
    if general.special_style or general.mode is Mode.MANIA:
        yield f"SpecialStyle: {int(general.special_style)}"
    yield f"WidescreenStoryboard: {int(general.widescreen_storyboard)}"
    yield from (f"{key}: {value}" for key, value in general.other)


def _editor(editor: Editor) -> Iterator[str]:
    if editor.bookmarks:
        yield f"Bookmarks: {','.join(map(str, editor.bookmarks))}"
    yield f"DistanceSpacing: {_number(editor.distance_spacing, 'DistanceSpacing')}"
    yield f"BeatDivisor: {editor.beat_divisor}"
    yield f"GridSize: {editor.grid_size}"
    yield f"TimelineZoom: {_number(editor.timeline_zoom, 'TimelineZoom')}"
    yield from (f"{key}: {value}" for key, value in editor.other)


def _metadata(metadata: Metadata) -> Iterator[str]:
    yield f"Title:{metadata.title}"
    yield f"TitleUnicode:{metadata.title_unicode}"
    yield f"Artist:{metadata.artist}"
    yield f"ArtistUnicode:{metadata.artist_unicode}"
    yield f"Creator:{metadata.creator}"
    yield f"Version:{metadata.version}"
    yield f"Source:{metadata.source}"
    yield f"Tags:{' '.join(metadata.tags)}"
    yield f"BeatmapID:{metadata.beatmap_id}"
    yield f"BeatmapSetID:{metadata.set_id}"
    yield from (f"{key}:{value}" for key, value in metadata.other)


def _difficulty(beatmap: Beatmap) -> Iterator[str]:
    difficulty = beatmap.difficulty
    for name, allowed in difficulty_ranges(beatmap.mode).items():
        value = getattr(difficulty, name)
        if value not in allowed:
            raise InputError(
                f"{name} is {value}, osu! goes from {allowed.low} to {allowed.high}",
                where="[Difficulty]",
            )
    yield f"HPDrainRate:{number_text(difficulty.hp_drain)}"
    yield f"CircleSize:{number_text(difficulty.circle_size)}"
    yield f"OverallDifficulty:{number_text(difficulty.overall_difficulty)}"
    yield f"ApproachRate:{number_text(difficulty.approach_rate)}"
    yield f"SliderMultiplier:{number_text(difficulty.slider_multiplier)}"
    yield f"SliderTickRate:{number_text(difficulty.slider_tick_rate)}"
    yield from (f"{key}:{value}" for key, value in difficulty.other)


def _events(events: Events) -> Iterator[str]:
    yield "//Background and Video events"
    if events.background:
        yield f"0,0,{_quoted(events.background)},0,0"
    if events.video:
        yield f"Video,{events.video_offset},{_quoted(events.video)}"
    yield "//Break Periods"
    for start, end in events.breaks:
        if start not in TIME or end not in TIME or end < start:
            raise InputError(f"the break from {start} to {end} cannot be", where="[Events]")
        yield f"2,{number_text(start)},{number_text(end)}"
    yield "//Storyboard Layers"
    yield from events.storyboard


def _quoted(filename: str) -> str:
    if '"' in filename:
        raise InputError(f"the file name {filename!r} has a quote in it", where="[Events]")
    return f'"{filename}"'


def _timing_points(beatmap: Beatmap) -> Iterator[str]:
    _refuse_disorder("timing points", (point.time for point in beatmap.timing_points))
    for point in beatmap.timing_points:
        where = f"timing point at {point.time} ms"
        if point.time not in TIME or point.volume not in VOLUME or point.meter < 1:
            raise InputError("its time, volume or meter is none that osu! reads", where=where)
        match point:
            case RedLine(beat_length=beat_length):
                if beat_length not in BEAT_LENGTH:
                    raise InputError(f"a beat cannot last {beat_length} ms", where=where)
                yield _timing_line(point, number_text(beat_length), uninherited=1)
            case GreenLine(velocity=velocity):
                if velocity not in velocity_range(beatmap.mode):
                    raise InputError(f"a slider cannot go {velocity} times as fast", where=where)
                yield _timing_line(point, velocity_text(velocity), uninherited=0)


def _timing_line(point: TimingPoint, beat_length: str, uninherited: int) -> str:
    effects = _KIAI * point.kiai | _OMIT_BARLINE * point.omit_barline
    return (
        f"{number_text(point.time)},{beat_length},{point.meter},{point.sample_set},"
        f"{point.sample_index},{point.volume},{uninherited},{effects}"
    )


def _colours(beatmap: Beatmap) -> Iterator[str]:
    for index, colour in enumerate(beatmap.combo_colours, start=1):
        if not all(part in COLOUR for part in colour):
            raise InputError(f"the colour {tuple(colour)} is none", where="[Colours]")
        yield f"Combo{index} : {colour.red},{colour.green},{colour.blue}"
    yield from (f"{key} : {value}" for key, value in beatmap.other_colours)


def _objects(beatmap: Beatmap, version: int) -> Iterator[str]:
    _refuse_disorder("hit objects", (item.time for item in beatmap.objects))
    for item in beatmap.objects:
        refuse_object(item)
        yield object_line(item, fractions=version >= LAZER_VERSION)


def _refuse_disorder(what: str, times: Iterable[float]) -> None:
    previous = float("-inf")
    for time in times:
        if time < previous:
            raise InputError(f"{what} are out of order: {time} ms comes after {previous} ms")
        previous = time


def _number(value: float, what: str) -> str:
    if value not in TIME:
        raise InputError(f"{what} is {value}, which osu! does not read")
    return number_text(value)
