"""Pictures of maps: ``python -m beatheritage.evaluate.draw MAP.osu -o picture.png``."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from beatheritage.audio.decode import read_song
from beatheritage.audio.song import Song
from beatheritage.errors import InputError, UserError
from beatheritage.evaluate import canvas as palette
from beatheritage.evaluate.canvas import Canvas
from beatheritage.evaluate.falling import draw_falling, falling_height
from beatheritage.evaluate.playfield import draw_playfield, playfield_height
from beatheritage.evaluate.scene import Scene, make_scene
from beatheritage.evaluate.timeline import (
    OVERVIEW_HEIGHT,
    draw_overview,
    draw_row,
    row_height,
    rows_of,
)
from beatheritage.osu.archive import read_archive, write_file
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse, read
from beatheritage.osu.stars import stars

WIDTH = 1400
MARGIN = 28
HEADER_HEIGHT = 64
MODE_NAMES = {Mode.STD: "osu!", Mode.TAIKO: "taiko", Mode.CATCH: "catch", Mode.MANIA: "mania"}


def draw_map(
    beatmap: Beatmap, song: Song | None = None, start: float | None = None, end: float | None = None
) -> Image.Image:
    """The bars of a span (ms) on their timeline, over the sound if there is a song, and as they are
    played; without a span, eight bars from the preview point on. InputError for a map without
    timing or objects."""
    if not beatmap.red_lines or not beatmap.objects:
        raise InputError("there is nothing to draw in a map without timing or objects")
    scene = make_scene(beatmap, song, start, end)
    inner, rows = WIDTH - 2 * MARGIN, rows_of(scene)
    played = _played_height(scene, inner)
    timelines = 0 if beatmap.mode is Mode.MANIA else len(rows) * row_height(scene)
    height = 2 * MARGIN + HEADER_HEIGHT + OVERVIEW_HEIGHT + 12 + timelines + played
    canvas = Canvas(WIDTH, height)
    _draw_header(canvas, scene)
    y = MARGIN + HEADER_HEIGHT
    draw_overview(canvas, scene, MARGIN, y, inner)
    y += OVERVIEW_HEIGHT + 12
    if timelines:
        for index, row in enumerate(rows):
            draw_row(canvas, scene, row, MARGIN, y + index * row_height(scene), inner)
    _draw_played(canvas, scene, y + timelines, inner)
    return canvas.finish()


def _played_height(scene: Scene, width: float) -> float:
    match scene.beatmap.mode:
        case Mode.STD:
            return playfield_height(scene, width)
        case Mode.TAIKO:
            return 0
        case _:
            return falling_height(scene)


def _draw_played(canvas: Canvas, scene: Scene, y: float, width: float) -> None:
    """The objects where the player meets them; taiko's lane is its timeline already."""
    match scene.beatmap.mode:
        case Mode.STD:
            draw_playfield(canvas, scene, MARGIN, y, width)
        case Mode.CATCH | Mode.MANIA:
            draw_falling(canvas, scene, MARGIN, y, width)


def _draw_header(canvas: Canvas, scene: Scene) -> None:
    """What map this is, in numbers too."""
    beatmap = scene.beatmap
    words, numbers = beatmap.metadata, beatmap.difficulty
    canvas.text(MARGIN, MARGIN - 4, f"{words.artist} - {words.title}", 22)
    by = f"by {words.creator}" if words.creator else ""
    canvas.text(MARGIN, MARGIN + 26, f"[{words.version}]  {by}", 14, palette.SOFT_TEXT)
    facts = [
        MODE_NAMES[beatmap.mode],
        f"{stars(beatmap):.2f} stars",
        f"{beatmap.red_lines[0].bpm:.6g} BPM",
        f"{len(beatmap.objects)} objects",
    ]
    if beatmap.mode in (Mode.STD, Mode.CATCH):
        facts += [f"AR {numbers.approach_rate:g}", f"CS {numbers.circle_size:g}"]
    if beatmap.mode is Mode.MANIA:
        facts.append(f"{numbers.circle_size:g} keys")
    facts += [f"OD {numbers.overall_difficulty:g}", f"HP {numbers.hp_drain:g}"]
    right = WIDTH - MARGIN
    for fact in reversed(facts):
        wide = canvas.text_width(fact, 13) + 20
        canvas.box(right - wide, MARGIN, wide, 26, palette.PANEL, 13)
        canvas.text(right - wide / 2, MARGIN + 13, fact, 13, palette.TEXT, "mm")
        right -= wide + 8


def read_maps(path: Path) -> list[Beatmap]:
    """The maps of a .osu or .osz file. Raises InputError."""
    if path.suffix.lower() != ".osz":
        return [read(path).beatmap]
    return [parse(data).beatmap for _, data in read_archive(path).beatmaps()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one difficulty into a file; 1 for what cannot be drawn, with one line that says why."""
    parser = argparse.ArgumentParser(prog="python -m beatheritage.evaluate.draw")
    parser.add_argument("map", type=Path, help=".osu or .osz")
    parser.add_argument("-o", "--output", type=Path, default=Path("map.png"))
    parser.add_argument("--audio", type=Path, help="the song, to draw its sound too")
    parser.add_argument("--start", type=float, help="ms")
    parser.add_argument("--end", type=float, help="ms")
    parser.add_argument("--difficulty", default="", help="part of a difficulty's name, in an .osz")
    options = parser.parse_args(arguments)
    try:
        maps = read_maps(options.map)
        chosen = [it for it in maps if options.difficulty.lower() in it.metadata.version.lower()]
        if not chosen:
            raise InputError(
                f"has no difficulty named {options.difficulty!r}", where=str(options.map)
            )
        song = read_song(options.audio) if options.audio else None
        picture = io.BytesIO()
        draw_map(chosen[0], song, options.start, options.end).save(picture, "PNG")
        write_file(options.output, picture.getvalue())
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
