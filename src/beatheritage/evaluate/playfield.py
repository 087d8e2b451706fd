"""The playfield of std, a panel a bar: where objects stand, and the way from each to the next."""

from collections.abc import Callable
from itertools import pairwise

from beatheritage.evaluate import canvas as palette
from beatheritage.evaluate.canvas import Canvas, with_alpha
from beatheritage.evaluate.scene import SNAP, Bar, Mark, Scene
from beatheritage.evaluate.timeline import clock
from beatheritage.osu.beatmap import PLAYFIELD_HEIGHT_PX, PLAYFIELD_WIDTH_PX, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import circle_radius_px

# From osu! pixels to a place on the picture.
To = Callable[[float, float], tuple[float, float]]

PANELS_A_ROW = 4
GAP = 12
TITLE_HEIGHT = 20
MARGIN_PX = 44  # osu! pixels around the field, so that whole circles are seen
# Points of a slider's path that are drawn: one every so many osu! pixels.
STEP_PX = 3.0


def panel_size(width: float) -> tuple[float, float]:
    """Of one panel, its title included."""
    wide = (width - GAP * (PANELS_A_ROW - 1)) / PANELS_A_ROW
    scale = wide / (PLAYFIELD_WIDTH_PX + 2 * MARGIN_PX)
    return wide, TITLE_HEIGHT + scale * (PLAYFIELD_HEIGHT_PX + 2 * MARGIN_PX)


def playfield_height(scene: Scene, width: float) -> float:
    rows = -(-len(scene.bars) // PANELS_A_ROW)
    return rows * (panel_size(width)[1] + GAP)


def draw_playfield(canvas: Canvas, scene: Scene, x: float, y: float, width: float) -> None:
    """Every bar in a panel of its own, in reading order."""
    wide, tall = panel_size(width)
    for index, bar in enumerate(scene.bars):
        row, column = divmod(index, PANELS_A_ROW)
        _draw_panel(canvas, scene, bar, (x + column * (wide + GAP), y + row * (tall + GAP), wide))


def _draw_panel(canvas: Canvas, scene: Scene, bar: Bar, place: tuple[float, float, float]) -> None:
    left, top, wide = place
    scale = wide / (PLAYFIELD_WIDTH_PX + 2 * MARGIN_PX)
    tall = scale * (PLAYFIELD_HEIGHT_PX + 2 * MARGIN_PX)
    top += TITLE_HEIGHT
    glowing = scene.pace.at(bar.start).kiai
    canvas.text(left + 2, top - 15, clock(bar.start, exact=True), 11, palette.SOFT_TEXT)
    canvas.box(left, top, wide, tall, palette.PANEL, 6)
    canvas.frame(
        left, top, wide, tall, with_alpha(palette.KIAI, 120) if glowing else palette.EDGE, 6
    )
    origin_x, origin_y = left + MARGIN_PX * scale, top + MARGIN_PX * scale
    canvas.frame(
        origin_x, origin_y, PLAYFIELD_WIDTH_PX * scale, PLAYFIELD_HEIGHT_PX * scale, palette.FAINT
    )

    def to(px: float, py: float) -> tuple[float, float]:
        return origin_x + px * scale, origin_y + py * scale

    radius = circle_radius_px(scene.beatmap.difficulty.circle_size) * scale
    marks = [mark for mark in scene.between(*bar) if mark.item.time > bar.start - SNAP]
    _draw_ways(canvas, marks, to)
    for mark in reversed(marks):
        _draw_object(canvas, mark, to, radius)


def _draw_ways(canvas: Canvas, marks: list[Mark], to: To) -> None:
    """A line from where each object is left to where the next begins."""
    for mark, following in pairwise(marks):
        if isinstance(mark.item, Spinner) or isinstance(following.item, Spinner):
            continue
        canvas.line(
            [to(*_leaving(mark)), to(following.item.x, following.item.y)], (255, 255, 255, 80), 1.25
        )


def _leaving(mark: Mark) -> tuple[float, float]:
    match mark.item:
        case Slider(slides=slides) if slides % 2:
            return slider_path(mark.item).end
        case item:
            return item.x, item.y


def _draw_object(canvas: Canvas, mark: Mark, to: To, radius: float) -> None:
    x, y = to(mark.item.x, mark.item.y)
    match mark.item:
        case Spinner():
            x, y = to(PLAYFIELD_WIDTH_PX / 2, PLAYFIELD_HEIGHT_PX / 2)
            for turn in (4.2, 3.4, 2.6):
                canvas.ring(x, y, radius * turn, with_alpha(mark.ink, 150), 2)
            canvas.text(x, y, "spin", 12, palette.TEXT, "mm")
            return
        case Slider():
            _draw_body(canvas, mark, mark.item, to, radius)
    canvas.disc(x, y, radius, palette.TEXT)
    canvas.disc(x, y, radius * 0.87, mark.ink)
    canvas.text(x, y, str(mark.number), max(9.0, radius * 0.95), palette.on_top_of(mark.ink), "mm")


def _draw_body(canvas: Canvas, mark: Mark, slider: Slider, to: To, radius: float) -> None:
    path = slider_path(slider)
    count = max(2, int(path.length / STEP_PX))
    points = [to(*path.at(path.length * step / count)) for step in range(count + 1)]
    canvas.tube(points, radius, with_alpha(mark.ink, 105), (232, 236, 245, 210))
    canvas.line(points, (255, 255, 255, 60), 1)
    if slider.slides > 1:
        x, y = points[-1]
        before = points[-min(4, len(points))]
        _draw_arrow(canvas, (x, y), (before[0] - x, before[1] - y), radius * 0.5)
    if slider.slides > 2:
        x, y = points[-1]
        canvas.text(x, y, f"x{slider.slides}", max(8.0, radius * 0.6), palette.TEXT, "mm")


def _draw_arrow(
    canvas: Canvas, at: tuple[float, float], way: tuple[float, float], size: float
) -> None:
    """A reverse arrow that points along ``way``."""
    length = max((way[0] ** 2 + way[1] ** 2) ** 0.5, 1e-6)
    dx, dy = way[0] / length * size, way[1] / length * size
    tip = (at[0] + dx, at[1] + dy)
    sides = [(at[0] - dx - dy * s, at[1] - dy + dx * s) for s in (0.9, -0.9)]
    canvas.polygon([tip, *sides], palette.TEXT)
