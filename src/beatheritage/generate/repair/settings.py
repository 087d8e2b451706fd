"""Repairs of settings and colours that osu! or its editor would not have."""

from dataclasses import replace

from beatheritage.osu.beatmap import Beatmap, Colour
from beatheritage.osu.mode import Mode
from beatheritage.review.settings import (
    BRIGHT_WARNING,
    DARK_WARNING,
    MOST_DECIMALS,
    SETTING_RANGE,
    TICK_RATES,
    perceived_light,
)

# Where a map names none: orange, green, blue and rose, light enough and told apart by most eyes.
COLOURS = (Colour(255, 165, 79), Colour(110, 200, 120), Colour(98, 162, 255), Colour(240, 120, 160))
_NUMBERS = ("hp_drain", "circle_size", "overall_difficulty", "approach_rate")


def one_decimal(beatmap: Beatmap) -> Beatmap:
    """Settings to one decimal, from 0 to 10; the number of keys stays."""
    names = [name for name in _NUMBERS if name != "circle_size" or beatmap.mode is not Mode.MANIA]
    known = {name: getattr(beatmap.difficulty, name) for name in names}
    rounded = {
        name: round(SETTING_RANGE.clamp(value), MOST_DECIMALS) for name, value in known.items()
    }
    return replace(beatmap, difficulty=replace(beatmap.difficulty, **rounded))


def usual_tick_rate(beatmap: Beatmap) -> Beatmap:
    """The nearest tick rate that the editor offers."""
    rate = beatmap.difficulty.slider_tick_rate
    nearest = min(TICK_RATES, key=lambda allowed: abs(allowed - rate))
    return replace(beatmap, difficulty=replace(beatmap.difficulty, slider_tick_rate=nearest))


def own_colours(beatmap: Beatmap) -> Beatmap:
    """Four combo colours where there are none."""
    return beatmap if beatmap.combo_colours else replace(beatmap, combo_colours=COLOURS)


def visible_colours(beatmap: Beatmap) -> Beatmap:
    """Combo colours as light as can be seen on any background, and not glaring in kiai."""
    kiai = any(line.kiai for line in beatmap.timing_points)
    brightest = BRIGHT_WARNING if kiai else 255.0
    colours = tuple(_lit(colour, brightest) for colour in beatmap.combo_colours)
    return replace(beatmap, combo_colours=colours)


def _lit(colour: Colour, brightest: float) -> Colour:
    light = perceived_light(colour)
    if light > brightest:
        share = (brightest - 1) / light
        return Colour(*(int(part * share) for part in colour))
    while light < DARK_WARNING:
        # Towards white, which darkens no part and ends.
        colour = Colour(*(min(255, part + 4) for part in colour))
        light = perceived_light(colour)
    return colour
