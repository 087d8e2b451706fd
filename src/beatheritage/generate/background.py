"""The picture behind a map: the song's cover, else one drawn from how the song sounds."""

import colorsys
import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
from PIL import Image, ImageFilter

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.generate.cover import look_number, open_cover
from beatheritage.generate.plan import Plan

BACKGROUND_NAME = "background.jpg"
WIDTH_PX, HEIGHT_PX = 1920, 1080
LARGEST_BYTES = 2_500_000  # the ranking criteria's limit
WIDE = 1.4  # width over height from which a cover can be cropped without losing its subject

HILLS = 7
SPECTRUM_WINDOW = 4096  # samples
WINDOWS = 480  # looks at the song, evenly spaced


def behind(song: Song, plan: Plan) -> Song:
    """The song with the plan's picture in place of its cover, where there is one."""
    return replace(song, tags=replace(song.tags, cover=plan.picture)) if plan.picture else song


def make_background(song: Song) -> tuple[str, bytes]:
    """Name and bytes of a JPEG, 1920 x 1080, at most 2.5 MB; the same bytes for the same song."""
    cover = open_cover(song)
    picture = draw_hills(song) if cover is None else fit_cover(cover)
    return BACKGROUND_NAME, encode_jpeg(picture)


def encode_jpeg(picture: Image.Image) -> bytes:
    """JPEG bytes within the size limit: the best quality that fits."""
    for quality in (92, 85, 75, 60, 40):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= LARGEST_BYTES:
            break
    return buffer.getvalue()


def fit_cover(cover: Image.Image) -> Image.Image:
    """A wide cover is cropped; any other stands whole before a blurred, darkened copy of itself."""
    filled = _fill(cover)
    if cover.width / cover.height >= WIDE:
        return filled
    behind = filled.filter(ImageFilter.GaussianBlur(32)).point(lambda level: int(level * 0.55))
    height = HEIGHT_PX * 4 // 5
    width = max(1, round(cover.width * height / cover.height))
    whole = cover.resize((width, height), Image.Resampling.LANCZOS)
    behind.paste(whole, ((WIDTH_PX - width) // 2, (HEIGHT_PX - height) // 2))
    return behind


def _fill(cover: Image.Image) -> Image.Image:
    """The middle of a picture, as large as fits the screen's shape."""
    width = min(cover.width, cover.height * WIDTH_PX / HEIGHT_PX)
    height = min(cover.height, cover.width * HEIGHT_PX / WIDTH_PX)
    left, top = (cover.width - width) / 2, (cover.height - height) / 2
    return cover.resize(
        (WIDTH_PX, HEIGHT_PX),
        Image.Resampling.LANCZOS,
        box=(left, top, left + width, top + height),
    )


def draw_hills(song: Song) -> Image.Image:
    """Hills under a low sun: a ridge is the loudness of a band over the song, bass in front."""
    number = look_number(song)
    sky_top, sky_low, near, far = _palette(number)
    rows = np.arange(HEIGHT_PX, dtype=np.float32)[:, None]
    depth = (rows / HEIGHT_PX)[..., None]
    canvas = _shine(np.tile(sky_top * (1 - depth) + sky_low * depth, (1, WIDTH_PX, 1)), number)
    for hill, curve in enumerate(band_curves(song)[::-1]):
        nearness = hill / (HILLS - 1)
        base = HEIGHT_PX * (0.52 + 0.40 * nearness)
        ridge = base - curve * HEIGHT_PX * (0.26 - 0.08 * nearness)
        top = max(0, int(ridge.min()) - 1)
        below = rows[top:] - ridge[None, :]
        cover = np.clip(below + 0.5, 0, 1)[..., None]
        haze = np.clip(below / 1200, 0, 0.35)[..., None]
        colour = far * (1 - nearness) + near * nearness
        canvas[top:] += cover * (colour + haze * (sky_low * 0.8 - colour) - canvas[top:])
    return Image.fromarray(np.rint(np.clip(canvas, 0, 255)).astype(np.uint8), "RGB")


def band_curves(song: Song) -> np.ndarray:
    """Loudness over the song by band, bass first, float (HILLS, WIDTH_PX), 0 to 1, smooth."""
    padded = np.pad(song.samples.astype(np.float32), (0, SPECTRUM_WINDOW))
    starts = np.linspace(0, len(padded) - SPECTRUM_WINDOW, WINDOWS).astype(np.int64)
    frames = padded[starts[:, None] + np.arange(SPECTRUM_WINDOW)]
    power = np.abs(np.fft.rfft(frames * np.hanning(SPECTRUM_WINDOW), axis=1)) ** 2
    edges = np.geomspace(40, 7_000, HILLS + 1) * SPECTRUM_WINDOW / SAMPLE_RATE
    bins = np.rint(edges).astype(np.int64)
    bands = np.array([power[:, low:high].mean(1) for low, high in pairwise(bins)])
    levels = np.log10(bands + 1e-9)
    low, high = (np.percentile(levels, share, axis=1, keepdims=True) for share in (10, 98))
    levels = np.clip((levels - low) / np.maximum(high - low, 1), 0, 1.1)
    x = np.linspace(0, WINDOWS - 1, WIDTH_PX)
    curves = [np.interp(x, np.arange(WINDOWS), _smooth(row)) for row in levels]
    return np.array(curves, np.float32)


def _smooth(row: np.ndarray) -> np.ndarray:
    """A moving average with soft ends: hills, not needles."""
    kernel = np.hanning(23)
    padded = np.pad(row, len(kernel) // 2, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), "valid")


def _palette(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Colours of the sky above and at the horizon, of near and far hills; float (3,) each."""
    hue = number % 360 / 360
    warm = (hue + 0.08 + (number >> 16) % 100 / 600) % 1

    def colour(at: float, saturation: float, value: float) -> np.ndarray:
        return np.array(colorsys.hsv_to_rgb(at % 1, saturation, value), np.float32) * 255

    return (
        colour(hue, 0.62, 0.24),
        colour(warm, 0.52, 0.88),
        colour(hue - 0.03, 0.60, 0.09),
        colour((hue + warm) / 2, 0.48, 0.62),
    )


def _shine(canvas: np.ndarray, number: int) -> np.ndarray:
    """The sky with a sun and its glow."""
    x = WIDTH_PX * (0.25 + 0.5 * ((number >> 24) % 1000) / 1000)
    across = np.arange(WIDTH_PX, dtype=np.float32)[None, :] - x
    away = np.hypot(across, np.arange(HEIGHT_PX, dtype=np.float32)[:, None] - HEIGHT_PX * 0.31)
    disc = np.clip(118 - away + 0.5, 0, 1)[..., None] * 0.85
    glow = (np.exp(-away / 260) * 0.45)[..., None]
    canvas = canvas + (255 - canvas) * glow
    return canvas + (np.array([255, 248, 232], np.float32) - canvas) * disc
