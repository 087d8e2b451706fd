"""A canvas for pictures of maps: drawn at twice the size, scaled down smooth.

Coordinates and sizes are pixels of the finished picture, as floats; colours are RGB, or RGBA to
shine through.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Ink = tuple[int, int, int] | tuple[int, int, int, int]

SCALE = 2

NIGHT: Ink = (15, 17, 25)
PANEL: Ink = (23, 26, 38)
EDGE: Ink = (48, 54, 76)
FAINT: Ink = (255, 255, 255, 16)
DIM: Ink = (255, 255, 255, 38)
CLEAR: Ink = (255, 255, 255, 96)
TEXT: Ink = (232, 236, 245)
SOFT_TEXT: Ink = (148, 157, 182)
KIAI: Ink = (255, 176, 66)
RED_LINE: Ink = (255, 92, 104)
GREEN_LINE: Ink = (104, 222, 132)

# From silence to loud, for spectrograms.
HEAT = np.array(
    [(23, 26, 38), (32, 48, 84), (38, 94, 128), (64, 156, 152), (168, 214, 160), (250, 244, 200)],
    np.float64,
)


def on_top_of(ink: Ink) -> Ink:
    """Dark or light, whichever is easier to read on a colour."""
    light = 0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2]
    return NIGHT if light > 105 else TEXT


def with_alpha(ink: Ink, alpha: int) -> Ink:
    return (ink[0], ink[1], ink[2], alpha)


def heat(levels: np.ndarray) -> np.ndarray:
    """Levels 0 to 1 of any shape to colours, uint8 (..., 3)."""
    steps = np.linspace(0, 1, len(HEAT))
    channels = [np.interp(levels, steps, HEAT[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * SCALE)


class Canvas:
    def __init__(self, width: float, height: float, ground: Ink = NIGHT) -> None:
        size = (round(width * SCALE), round(height * SCALE))
        self._image = Image.new("RGB", size, ground[:3])
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def finish(self) -> Image.Image:
        """The picture at its true size."""
        width, height = self._image.size
        return self._image.resize((width // SCALE, height // SCALE), Image.Resampling.LANCZOS)

    def box(
        self, x: float, y: float, width: float, height: float, ink: Ink, radius: float = 0
    ) -> None:
        corners = [x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1]
        if width > 0 and height > 0:
            corners[2:] = max(corners[2], corners[0]), max(corners[3], corners[1])
            self._draw.rounded_rectangle(corners, radius * SCALE, fill=ink)

    def pill(self, left: float, right: float, y: float, radius: float, ink: Ink) -> None:
        """A lying capsule from the middle of one end to that of the other."""
        self.box(left - radius, y - radius, right - left + 2 * radius, 2 * radius, ink, radius)

    def frame(self, x: float, y: float, width: float, height: float, ink: Ink, radius: float = 0):
        corners = [x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1]
        self._draw.rounded_rectangle(corners, radius * SCALE, outline=ink, width=SCALE)

    def line(self, points: Sequence[tuple[float, float]], ink: Ink, width: float = 1) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=ink, width=max(1, round(width * SCALE)), joint="curve")

    def disc(self, x: float, y: float, radius: float, ink: Ink) -> None:
        self._draw.circle((x * SCALE, y * SCALE), radius * SCALE, fill=ink)

    def ring(self, x: float, y: float, radius: float, ink: Ink, width: float = 1) -> None:
        self._draw.circle(
            (x * SCALE, y * SCALE), radius * SCALE, outline=ink, width=max(1, round(width * SCALE))
        )

    def polygon(self, points: Sequence[tuple[float, float]], ink: Ink) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=ink)

    def text(
        self, x: float, y: float, words: str, size: float = 13, ink: Ink = TEXT, anchor: str = "la"
    ) -> None:
        """``anchor`` as in Pillow: l, m, r across and a (top), m, s (baseline) down."""
        self._draw.text((x * SCALE, y * SCALE), words, fill=ink, font=_font(size), anchor=anchor)

    def text_width(self, words: str, size: float) -> float:
        return _font(size).getlength(words) / SCALE

    def picture(self, pixels: np.ndarray, x: float, y: float, width: float, height: float) -> None:
        """Put pixels, uint8 (rows, columns, 3), on a place of another size."""
        size = (max(1, round(width * SCALE)), max(1, round(height * SCALE)))
        scaled = Image.fromarray(pixels, "RGB").resize(size, Image.Resampling.BILINEAR)
        self._image.paste(scaled, (round(x * SCALE), round(y * SCALE)))

    def tube(
        self, points: Sequence[tuple[float, float]], radius: float, ink: Ink, border: Ink
    ) -> None:
        """A slider's body: one translucent shape, however often it crosses itself."""
        scaled = np.array(points, np.float64) * SCALE
        reach = radius * SCALE + 2
        left, top = np.floor(scaled.min(0) - reach).astype(int)
        right, bottom = np.ceil(scaled.max(0) + reach).astype(int)
        local = [(float(x - left), float(y - top)) for x, y in scaled]
        size = (int(right - left), int(bottom - top))
        body = _stroke(local, radius * 0.88 * SCALE, size)
        rim = _stroke(local, radius * SCALE, size)
        rim.paste(0, mask=body)
        for mask, shade in ((body, ink), (rim, border)):
            alpha = shade[3] if len(shade) == 4 else 255
            shining = mask.point([level * alpha // 255 for level in range(256)])
            self._image.paste(shade[:3], (int(left), int(top), int(right), int(bottom)), shining)


def _stroke(
    points: Sequence[tuple[float, float]], radius: float, size: tuple[int, int]
) -> Image.Image:
    """A mask of everything within a radius of a line."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    draw.line(points, fill=255, width=round(2 * radius))
    for point in points:  # round joints: Pillow's own are ragged where points are close
        draw.circle(point, radius, fill=255)
    return mask
