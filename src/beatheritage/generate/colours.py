"""Combo colours: from the cover, or one of our palettes."""

import numpy as np
from PIL import Image

from beatheritage.audio.song import Song
from beatheritage.generate.cover import look_number, open_cover
from beatheritage.osu.beatmap import Colour

MOST_COLOURS = 4
# osu!'s checks want a luminosity of about 50 to 220; we stay a little inside.
DARKEST, BRIGHTEST = 80.0, 210.0
APART = 70.0  # how far two colours of a map must lie apart, as a distance in RGB
DULL = 30  # a picture's colour whose channels differ by less is a grey

PALETTES: tuple[tuple[Colour, ...], ...] = (
    (Colour(255, 122, 89), Colour(248, 196, 92), Colour(84, 190, 178), Colour(98, 128, 214)),
    (Colour(120, 214, 255), Colour(255, 143, 190), Colour(241, 199, 101), Colour(158, 140, 255)),
    (Colour(122, 222, 146), Colour(64, 176, 166), Colour(233, 204, 104), Colour(240, 128, 110)),
    (Colour(255, 98, 130), Colour(255, 160, 102), Colour(196, 120, 235), Colour(96, 156, 240)),
    (Colour(90, 200, 250), Colour(70, 140, 235), Colour(160, 230, 200), Colour(228, 185, 233)),
    (Colour(250, 176, 80), Colour(226, 98, 84), Colour(130, 186, 96), Colour(88, 158, 196)),
    (Colour(214, 134, 255), Colour(255, 130, 200), Colour(130, 160, 255), Colour(120, 226, 226)),
    (Colour(226, 206, 138), Colour(200, 150, 110), Colour(140, 190, 150), Colour(120, 160, 190)),
)


def combo_colours(song: Song) -> tuple[Colour, ...]:
    """Two to four colours, well apart, none too dark or too bright to be seen."""
    cover = open_cover(song)
    found = colours_of(cover) if cover is not None else ()
    return found if len(found) >= 2 else PALETTES[look_number(song) % len(PALETTES)]


def colours_of(picture: Image.Image) -> tuple[Colour, ...]:
    """What stands out in a picture: the commonest vivid colours first, each far from the others."""
    small = picture.resize((64, 64), Image.Resampling.BOX)
    reduced = small.quantize(24, Image.Quantize.MEDIANCUT)
    palette = np.array(reduced.getpalette(), np.float64).reshape(-1, 3)
    counts = np.bincount(np.asarray(reduced).ravel(), minlength=len(palette))
    vividness = np.ptp(palette, axis=1)
    chosen: list[Colour] = []
    for index in np.argsort(-np.sqrt(counts) * vividness, kind="stable"):
        red, green, blue = palette[index].astype(int).tolist()
        colour = visible(Colour(red, green, blue))
        far = all(np.linalg.norm(np.subtract(colour, other)) >= APART for other in chosen)
        if counts[index] and vividness[index] >= DULL and far:
            chosen.append(colour)
    return tuple(chosen[:MOST_COLOURS])


def luminosity(colour: Colour) -> float:
    """Perceived brightness, 0 to 255 (the HSP colour model)."""
    red, green, blue = colour
    return float(np.sqrt(0.299 * red**2 + 0.587 * green**2 + 0.114 * blue**2))


def visible(colour: Colour) -> Colour:
    """The colour, mixed with just enough white or black to be seen on any background."""
    light = luminosity(colour)
    if DARKEST <= light <= BRIGHTEST:
        return colour
    target, end = (DARKEST, 255) if light < DARKEST else (BRIGHTEST, 0)
    shares = np.linspace(0, 1, 256)[:, None]
    mixed = np.rint(np.array(colour) * (1 - shares) + end * shares)
    lights = np.array([luminosity(Colour(*row)) for row in mixed])
    first = np.argmax(lights >= target if light < DARKEST else lights <= target)
    return Colour(*(int(channel) for channel in mixed[first]))
