"""A chart moved in time."""

from dataclasses import replace

from beatheritage.osu.beatmap import Beatmap, Break, HitObject, Hold, Spinner


def shift(chart: Beatmap, by: int) -> Beatmap:
    """Every time later by whole milliseconds: lines, objects, breaks and the preview point."""
    if by == 0:
        return chart
    preview = chart.general.preview_time
    return replace(
        chart,
        general=replace(chart.general, preview_time=preview + by if preview >= 0 else preview),
        events=replace(
            chart.events,
            breaks=tuple(Break(one.start + by, one.end + by) for one in chart.events.breaks),
        ),
        timing_points=tuple(replace(point, time=point.time + by) for point in chart.timing_points),
        objects=tuple(_shift_object(item, by) for item in chart.objects),
    )


def _shift_object(item: HitObject, by: int) -> HitObject:
    if isinstance(item, Spinner | Hold):
        return replace(item, time=item.time + by, end=item.end + by)
    return replace(item, time=item.time + by)
