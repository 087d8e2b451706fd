"""Time from bottom to top, as mania and catch fall: columns of bars side by side."""

from beatheritage.evaluate import canvas as palette
from beatheritage.evaluate.canvas import Canvas, Ink, heat, with_alpha
from beatheritage.evaluate.scene import SNAP, Bar, Mark, Scene
from beatheritage.evaluate.timeline import At, clock
from beatheritage.osu.beatmap import PLAYFIELD_WIDTH_PX, Hold, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import Mode, circle_radius_px, column_of

STRIPS = 4
BARS_A_STRIP = 2
STRIP_HEIGHT = 620
SOUND_WIDTH = 34
GAP = 22
TITLE_HEIGHT = 20
NOTE_HEIGHT = 11
FRUIT_EVERY = 8  # pieces of a slide between a full fruit and the next

OUTER: Ink = (226, 232, 244)
INNER: Ink = (104, 176, 246)
MIDDLE: Ink = (250, 200, 92)


def falling_height(scene: Scene) -> float:
    strips = -(-len(scene.bars) // BARS_A_STRIP)
    return -(-strips // STRIPS) * (STRIP_HEIGHT + TITLE_HEIGHT + GAP)


def draw_falling(canvas: Canvas, scene: Scene, x: float, y: float, width: float) -> None:
    """Two bars a strip, four strips a row."""
    wide = (width - GAP * (STRIPS - 1)) / STRIPS
    for index in range(0, len(scene.bars), BARS_A_STRIP):
        row, column = divmod(index // BARS_A_STRIP, STRIPS)
        top = y + row * (STRIP_HEIGHT + TITLE_HEIGHT + GAP)
        bars = scene.bars[index : index + BARS_A_STRIP]
        _draw_strip(canvas, scene, bars, (x + column * (wide + GAP), top, wide))


def _draw_strip(
    canvas: Canvas, scene: Scene, bars: tuple[Bar, ...], place: tuple[float, float, float]
) -> None:
    left, top, wide = place
    start, end = bars[0].start, bars[-1].end
    bottom = top + TITLE_HEIGHT + STRIP_HEIGHT

    def at(time: float) -> float:
        return bottom - STRIP_HEIGHT * (min(max(time, start), end) - start) / (end - start)

    canvas.text(left, top + 2, f"{clock(start, exact=True)}", 11, palette.SOFT_TEXT)
    if scene.mel.size:
        pixels = heat(scene.sound(start, end)[0][::-1])
        canvas.picture(pixels, left, top + TITLE_HEIGHT, SOUND_WIDTH, STRIP_HEIGHT)
        left, wide = left + SOUND_WIDTH, wide - SOUND_WIDTH
    canvas.box(left, top + TITLE_HEIGHT, wide, STRIP_HEIGHT, palette.PANEL)
    for kiai_start, kiai_end in scene.kiai_spans():
        if kiai_start < end and kiai_end > start:
            canvas.box(
                left,
                at(kiai_end),
                wide,
                at(kiai_start) - at(kiai_end),
                with_alpha(palette.KIAI, 18),
            )
            canvas.box(
                left + wide - 3, at(kiai_end), 3, at(kiai_start) - at(kiai_end), palette.KIAI
            )
    for bar in bars:
        _draw_grid(canvas, scene, bar, at, left, wide)
    if scene.beatmap.mode is Mode.MANIA:
        _draw_notes(canvas, scene, bars, at, left, wide)
    else:
        _draw_fruits(canvas, scene, bars, at, left, wide)


def _draw_grid(canvas: Canvas, scene: Scene, bar: Bar, at: At, left: float, wide: float) -> None:
    beat = scene.pace.at(bar.start).beat_length
    for step in range(round((bar.end - bar.start) / beat * 4)):
        ink = palette.TEXT if step == 0 else palette.FAINT if step % 4 else palette.DIM
        height = at(bar.start + step * beat / 4)
        canvas.line([(left, height), (left + wide, height)], ink, 1 if step else 1.5)


def _draw_notes(
    canvas: Canvas, scene: Scene, bars: tuple[Bar, ...], at: At, left: float, wide: float
) -> None:
    keys = max(1, round(scene.beatmap.difficulty.circle_size))
    lane = wide / keys
    for key in range(1, keys):
        x = left + key * lane
        canvas.line([(x, at(float("inf"))), (x, at(float("-inf")))], palette.FAINT)
    start = bars[0].start
    for mark in scene.between(start, bars[-1].end):
        key = column_of(mark.item.x, keys)
        ink, x = key_ink(key, keys), left + key * lane + 3
        low = at(mark.item.time)
        if isinstance(mark.item, Hold):
            high = at(mark.end)
            canvas.box(x + 4, high, lane - 14, low - high, with_alpha(ink, 120), 3)
            canvas.box(x + 2, high, lane - 10, 4, with_alpha(ink, 220), 2)
        if mark.item.time > start - SNAP:
            canvas.box(x, low - NOTE_HEIGHT, lane - 6, NOTE_HEIGHT, ink, 3)


def key_ink(key: int, keys: int) -> Ink:
    """As skins do it: alternating, the same from both sides, a middle key of its own."""
    if keys % 2 and key == keys // 2:
        return MIDDLE
    return INNER if min(key, keys - 1 - key) % 2 else OUTER


def _draw_fruits(
    canvas: Canvas, scene: Scene, bars: tuple[Bar, ...], at: At, left: float, wide: float
) -> None:
    margin = 24.0
    scale = (wide - 2 * margin) / PLAYFIELD_WIDTH_PX
    radius = circle_radius_px(scene.beatmap.difficulty.circle_size) * scale * 0.9

    def to(px: float) -> float:
        return left + margin + px * scale

    start, end = bars[0].start, bars[-1].end
    marks = scene.between(start, end)
    way = [point for mark in marks for point in _route(scene, mark)]
    canvas.line([(to(px), at(time)) for time, px in way if start <= time], (255, 255, 255, 50), 1.5)
    for mark in marks:
        if isinstance(mark.item, Spinner):
            _draw_bananas(canvas, mark, at, left, wide)
            continue
        route = _route(scene, mark)
        shown = [point for point in route if start - SNAP <= point[0] < end]
        if len(shown) > 1:
            canvas.line([(to(px), at(time)) for time, px in shown], with_alpha(mark.ink, 170), 5)
        fruits = route[::FRUIT_EVERY] if isinstance(mark.item, Slider) else route
        for time, px in shown:
            if (time, px) in fruits and time < end - SNAP:
                canvas.disc(to(px), at(time), radius, palette.TEXT)
                canvas.disc(to(px), at(time), radius * 0.84, mark.ink)
            else:
                canvas.disc(to(px), at(time), radius * 0.28, mark.ink)


def _route(scene: Scene, mark: Mark) -> list[tuple[float, float]]:
    """Times and places that a catcher passes for an object: (ms, x)."""
    item = mark.item
    if isinstance(item, Spinner):
        return []
    if not isinstance(item, Slider):
        return [(item.time, item.x)]
    path, pieces = slider_path(item), FRUIT_EVERY * item.slides
    along = [
        FRUIT_EVERY - abs(step % (2 * FRUIT_EVERY) - FRUIT_EVERY) for step in range(pieces + 1)
    ]
    lasting = mark.end - item.time
    return [
        (
            item.time + lasting * step / pieces,
            path.at(path.length * along[step] / FRUIT_EVERY).x,
        )
        for step in range(pieces + 1)
    ]


def _draw_bananas(canvas: Canvas, mark: Mark, at: At, left: float, wide: float) -> None:
    count = max(2, int((mark.end - mark.item.time) / 60))
    for step in range(count + 1):
        time = mark.item.time + (mark.end - mark.item.time) * step / count
        canvas.disc(left + wide * (0.5 + 0.4 * ((step * 7 % 11) / 5.5 - 1)), at(time), 5, MIDDLE)
