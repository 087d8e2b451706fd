"""Time from left to right: the song as a whole, and rows of bars with the objects on their grid."""

from collections.abc import Callable, Sequence

import numpy as np

from beatheritage.evaluate import canvas as palette
from beatheritage.evaluate.canvas import Canvas, Ink, heat, with_alpha
from beatheritage.evaluate.scene import SNAP, Bar, Mark, Scene
from beatheritage.osu.beatmap import Circle, GreenLine, HitSound, Slider, Spinner
from beatheritage.osu.mode import Mode

# Where on the picture a time is, across.
At = Callable[[float], float]

OVERVIEW_HEIGHT = 74
SOUND_HEIGHT = 58
LANE_HEIGHT = 52
LABEL_HEIGHT = 18
ROW_GAP = 10
BARS_A_ROW = 4
DENSITY_MS = 1_000

HEAD_PX, DRUM_PX, BIG_DRUM_PX = 11.0, 10.0, 15.0

DON: Ink = (240, 88, 74)
KAT: Ink = (84, 164, 232)
ROLL: Ink = (246, 190, 62)
DENDEN: Ink = (196, 132, 240)


def row_height(scene: Scene) -> float:
    return LABEL_HEIGHT + (SOUND_HEIGHT if scene.mel.size else 0) + LANE_HEIGHT + ROW_GAP


def rows_of(scene: Scene) -> list[tuple[Bar, ...]]:
    return [
        scene.bars[first : first + BARS_A_ROW] for first in range(0, len(scene.bars), BARS_A_ROW)
    ]


def draw_overview(canvas: Canvas, scene: Scene, x: float, y: float, width: float) -> None:
    """The whole song: loudness, density of objects, kiai, breaks, and what is shown below."""
    height = OVERVIEW_HEIGHT - 20

    def at(time: float) -> float:
        return x + width * min(max(time / scene.duration, 0), 1)

    canvas.box(x, y, width, height, palette.PANEL, 6)
    for start, end in scene.kiai_spans():
        canvas.box(at(start), y, at(end) - at(start), height, with_alpha(palette.KIAI, 46))
    if scene.mel.size:
        _draw_loudness(canvas, scene.mel.mean(1), x, y + height / 2, width, height / 2 - 3)
    _draw_density(canvas, scene, x, y + height, width, height - 8)
    for rest in scene.beatmap.events.breaks:
        canvas.box(
            at(rest.start), y + height - 4, at(rest.end) - at(rest.start), 4, palette.CLEAR, 2
        )
    canvas.box(at(scene.start), y, at(scene.end) - at(scene.start), height, (255, 255, 255, 30))
    canvas.frame(at(scene.start), y, at(scene.end) - at(scene.start), height, palette.TEXT, 2)
    for minute in range(int(scene.duration // 30_000) + 1):
        canvas.text(
            at(minute * 30_000), y + height + 4, clock(minute * 30_000), 10, palette.SOFT_TEXT
        )


def _draw_loudness(
    canvas: Canvas, levels: np.ndarray, x: float, middle: float, width: float, reach: float
) -> None:
    pieces = np.array_split(levels / max(float(levels.max()), 1e-6), int(width))
    for column, piece in enumerate(pieces):
        tall = reach * float(piece.mean()) if len(piece) else 0.0
        canvas.line([(x + column, middle - tall), (x + column, middle + tall)], (72, 104, 148, 150))


def _draw_density(
    canvas: Canvas, scene: Scene, x: float, low: float, width: float, reach: float
) -> None:
    """Objects a second, over three seconds."""
    bins = np.arange(0, scene.duration + DENSITY_MS, DENSITY_MS)
    counts, _ = np.histogram([mark.item.time for mark in scene.marks], bins)
    smooth = np.convolve(counts, np.ones(3) / 3, "same")
    top = max(float(smooth.max(initial=0)), 1)
    places = x + width * np.clip((bins[:-1] + DENSITY_MS / 2) / scene.duration, 0, 1)
    curve = [
        (float(px), low - reach * float(value) / top)
        for px, value in zip(places, smooth, strict=True)
    ]
    canvas.line(curve, (255, 214, 140, 230), 1.5)


def draw_row(
    canvas: Canvas, scene: Scene, bars: Sequence[Bar], x: float, y: float, width: float
) -> None:
    """Bars over the sound they are written to. A last, shorter row keeps the others' scale."""
    start = bars[0].start
    spans = rows_of(scene)[0]
    lasting = max(bars[-1].end - start, spans[-1].end - spans[0].start)
    shown = width * (bars[-1].end - start) / lasting

    def at(time: float) -> float:
        return x + width * (time - start) / lasting

    sound = SOUND_HEIGHT if scene.mel.size else 0
    top, lane = y + LABEL_HEIGHT, y + LABEL_HEIGHT + sound
    canvas.box(x, lane, shown, LANE_HEIGHT, palette.PANEL)
    if sound:
        _draw_sound(canvas, scene, bars, x, top, shown)
    for kiai_start, kiai_end in scene.kiai_spans():
        left, right = max(kiai_start, start), min(kiai_end, bars[-1].end)
        if left < right:
            canvas.box(
                at(left), lane, at(right) - at(left), LANE_HEIGHT, with_alpha(palette.KIAI, 26)
            )
            canvas.box(at(left), lane + LANE_HEIGHT - 3, at(right) - at(left), 3, palette.KIAI)
    for bar in bars:
        _draw_grid(canvas, scene, bar, at, top)
    _draw_lines(canvas, scene, bars, at, lane)
    _draw_marks(canvas, scene, bars, at, lane + LANE_HEIGHT / 2)


def _draw_sound(
    canvas: Canvas, scene: Scene, bars: Sequence[Bar], x: float, top: float, shown: float
) -> None:
    mel, onsets = scene.sound(bars[0].start, bars[-1].end)
    canvas.picture(heat(mel.T[::-1]), x, top, shown, SOUND_HEIGHT)
    places = np.linspace(x, x + shown, len(onsets))
    tall = SOUND_HEIGHT * 0.9 * onsets
    curve = [(float(px), top + SOUND_HEIGHT - float(h)) for px, h in zip(places, tall, strict=True)]
    canvas.line(curve, (255, 255, 255, 190), 0.75)


def _draw_grid(canvas: Canvas, scene: Scene, bar: Bar, at: At, top: float) -> None:
    """The bar's line and number of seconds, its beats and quarters of beats."""
    bottom = top + (SOUND_HEIGHT if scene.mel.size else 0) + LANE_HEIGHT
    beat = scene.pace.at(bar.start).beat_length
    for step in range(1, round((bar.end - bar.start) / beat * 4)):
        left = at(bar.start + step * beat / 4)
        ink = palette.FAINT if step % 4 else palette.CLEAR
        canvas.line([(left, bottom - LANE_HEIGHT), (left, bottom)], ink, 0.5 if step % 4 else 1)
    canvas.line([(at(bar.start), top - 4), (at(bar.start), bottom)], palette.TEXT, 1.5)
    canvas.text(at(bar.start) + 4, top - 14, clock(bar.start, exact=True), 10, palette.SOFT_TEXT)


def _draw_lines(canvas: Canvas, scene: Scene, bars: Sequence[Bar], at: At, lane: float) -> None:
    """Timing points: red with their tempo, green with a velocity where that changes."""
    velocity = scene.pace.at(bars[0].start - 1).velocity
    for point in scene.beatmap.timing_points:
        is_green = isinstance(point, GreenLine)
        now = point.velocity if isinstance(point, GreenLine) else 1.0
        if bars[0].start <= point.time < bars[-1].end and (not is_green or now != velocity):
            left = at(point.time)
            ink = palette.GREEN_LINE if is_green else palette.RED_LINE
            canvas.line([(left, lane), (left, lane + LANE_HEIGHT)], ink, 1.5)
            words = f"{now:g}x" if isinstance(point, GreenLine) else f"{point.bpm:.6g} BPM"
            canvas.text(left + 3, lane + 2, words, 9, ink)
        velocity = now


def _draw_marks(canvas: Canvas, scene: Scene, bars: Sequence[Bar], at: At, middle: float) -> None:
    start, end = bars[0].start, bars[-1].end
    draw = _draw_drum if scene.beatmap.mode is Mode.TAIKO else _draw_object
    marks = scene.between(start, end)
    for mark in marks:
        if mark.item.time < start - SNAP:
            # It began a row above: what is left of the bar line is covered again.
            draw(canvas, mark, at(mark.item.time), at(min(mark.end, end)), middle)
            canvas.box(0, middle - LANE_HEIGHT / 2, at(start), LANE_HEIGHT, palette.NIGHT)
    for mark in reversed(marks):
        if mark.item.time >= start - SNAP:
            draw(canvas, mark, at(mark.item.time), at(min(mark.end, end)), middle)


def _draw_object(canvas: Canvas, mark: Mark, left: float, right: float, middle: float) -> None:
    match mark.item:
        case Spinner():
            canvas.pill(left, right, middle, 9, with_alpha(mark.ink, 120))
            canvas.text((left + right) / 2, middle, "spin", 10, palette.TEXT, "mm")
            return
        case Slider(slides=slides):
            canvas.pill(left, right, middle, HEAD_PX, with_alpha(mark.ink, 120))
            for slide in range(1, slides + 1):
                edge = left + (right - left) * slide / slides
                canvas.ring(edge, middle, HEAD_PX - 3, (255, 255, 255, 150), 1)
    canvas.disc(left, middle, HEAD_PX, palette.NIGHT)
    canvas.disc(left, middle, HEAD_PX - 1, mark.ink)
    canvas.text(left, middle, str(mark.number), 11, palette.on_top_of(mark.ink), "mm")


def _draw_drum(canvas: Canvas, mark: Mark, left: float, right: float, middle: float) -> None:
    radius = BIG_DRUM_PX if mark.item.sound & HitSound.FINISH else DRUM_PX
    match mark.item:
        case Circle(sound=sound):
            ink = KAT if sound & (HitSound.WHISTLE | HitSound.CLAP) else DON
        case Slider():
            ink = ROLL
        case _:
            ink = DENDEN
    canvas.pill(left, right, middle, radius, palette.TEXT)
    canvas.pill(left, right, middle, radius - 2, ink)


def clock(time: float, exact: bool = False) -> str:
    """Minutes and seconds of ms, and with ``exact`` the milliseconds: 1:02.345."""
    minutes, rest = divmod(round(abs(time)), 60_000)
    seconds = f"{rest / 1000:06.3f}" if exact else f"{rest // 1000:02d}"
    return f"{'-' if time < 0 else ''}{minutes}:{seconds}"
