"""What was asked of a map's quality, done."""

from beatheritage.generate.quality.flow import smoother
from beatheritage.generate.quality.options import Quality
from beatheritage.generate.quality.spacing import less_overlap, spread_apart
from beatheritage.generate.quality.variety import varied
from beatheritage.osu.beatmap import Beatmap


def improved(beatmap: Beatmap, quality: Quality) -> Beatmap:
    """The map with every quality that is asked for; a Quality of Nones and zeros asks nothing."""
    if quality.variety:
        beatmap = varied(beatmap)
    if quality.flow:
        beatmap = smoother(beatmap)
    if quality.min_distance:
        beatmap = spread_apart(beatmap, quality.min_distance)
    if quality.max_overlap is not None and quality.max_overlap < 1:
        beatmap = less_overlap(beatmap, quality.max_overlap)
    return beatmap
