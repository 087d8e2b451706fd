"""Keeping a map's measured style near to what was asked of it."""

from dataclasses import dataclass, replace

import numpy as np

from beatheritage.errors import OptionError
from beatheritage.generate.polish import as_circle
from beatheritage.generate.quality.mirrors import spread_out
from beatheritage.generate.repair.edits import edited, subject_of
from beatheritage.generate.repair.mania_holds import Ends
from beatheritage.generate.repair.parting import weakness
from beatheritage.generate.repair.sounds import sounding
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    EdgeSound,
    HitObject,
    HitSound,
    Hold,
    Slider,
)
from beatheritage.osu.mode import Mode
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.prompt import ADDITIONS, Style, measure_style

# What can be measured on a map: how wide it is spaced is the placer's own scale.
MEASURED = ("density", "slider_share", "stream_share", "hold_share", "hitsounding")
# How much of the tolerance an edit leaves to what is repaired after it.
SPARE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedStyle(Style):
    """``keep``: how far, 0 to 1, each measured part of the style may be from what was asked, or
    from the reference map's; None keeps none."""

    keep: float | None = None


def check_kept(style: Style) -> None:
    """Raise an OptionError where a style is to be kept and none was asked for."""
    asked = any(getattr(style, name) is not None for name in MEASURED)
    if isinstance(style, AskedStyle) and style.keep is not None and not asked:
        raise OptionError(
            "style.keep needs a style to keep",
            mend="ask for one (style.density=0.5), or give a map as context.reference",
        )


def style_error(beatmap: Beatmap, asked: Style) -> float:
    """The most that a part of the map's measured style differs from what was asked of it; 0 where
    nothing was."""
    found = _measured(beatmap)
    apart = [
        abs(getattr(found, name) - getattr(asked, name))
        for name in MEASURED
        if getattr(asked, name) is not None and getattr(found, name) is not None
    ]
    return max(apart, default=0.0)


def _measured(beatmap: Beatmap) -> Style:
    return measure_style(draft_of(beatmap, subject_of(beatmap).timing).events)


def kept_style(beatmap: Beatmap, asked: Style) -> Beatmap:
    """The map with as few objects changed as bring the style within what is to be kept.

    Too dense a map loses notes on weak beats, too many sliders and holds become notes, notes with
    room become holds, and additions come and go (not in taiko, where they are colours). Where
    there is too little to write more of, a map too thin or of too few sliders stays so.
    """
    if not isinstance(asked, AskedStyle) or asked.keep is None or not beatmap.objects:
        return beatmap
    slack = SPARE * asked.keep
    for name in ("density", "stream_share"):
        beatmap = _thinned(beatmap, name, asked, slack)
    beatmap = _fewer(beatmap, Slider, asked.slider_share, slack)
    beatmap = _fewer(beatmap, Hold, asked.hold_share, slack)
    beatmap = _more_holds(beatmap, asked.hold_share, slack)
    return _sounding(beatmap, asked.hitsounding, slack)


def _thinned(beatmap: Beatmap, name: str, asked: Style, slack: float) -> Beatmap:
    wanted = getattr(asked, name)
    if wanted is None:
        return beatmap
    subject = subject_of(beatmap)
    order = np.lexsort((spread_out(len(beatmap.objects)), -weakness(subject)))
    low, high = 0, len(order) - 2  # two objects are the least that have a style
    while low < high:  # the fewest that must go
        count = (low + high) // 2
        if (getattr(_without(beatmap, order[:count]), name) or 0.0) <= wanted + slack:
            high = count
        else:
            low = count + 1
    return edited(beatmap, dict.fromkeys(order[: max(low, 0)].tolist()))


def _without(beatmap: Beatmap, gone: np.ndarray) -> Style:
    return _measured(edited(beatmap, dict.fromkeys(gone.tolist())))


def _fewer(
    beatmap: Beatmap, kind: type[Slider] | type[Hold], wanted: float | None, slack: float
) -> Beatmap:
    """The shortest of what lasts become notes until the share is right."""
    if wanted is None:
        return beatmap
    subject, objects = subject_of(beatmap), beatmap.objects
    lasting = [index for index, item in enumerate(objects) if isinstance(item, kind)]
    over = len(lasting) - int((wanted + slack) * len(objects))
    lasting.sort(key=lambda index: subject.ends[index] - subject.starts[index])
    chosen = lasting[: max(0, over)]
    return edited(beatmap, {index: as_circle(objects[index]) for index in chosen})


def _more_holds(beatmap: Beatmap, wanted: float | None, slack: float) -> Beatmap:
    """Notes all over a mania map are held for a beat or less, where they may, until enough are."""
    if wanted is None or beatmap.mode is not Mode.MANIA:
        return beatmap
    subject, ends = subject_of(beatmap), None
    held = sum(isinstance(item, Hold) for item in beatmap.objects)
    missing = int(np.ceil((wanted - slack) * len(beatmap.objects))) - held
    changes: dict[int, HitObject | None] = {}
    for index in spread_out(len(beatmap.objects)).tolist():
        if len(changes) >= missing:
            break
        ends = ends or Ends(subject)
        item = beatmap.objects[index]
        if isinstance(item, Circle) and (end := ends.best(index)) is not None:
            changes[index] = _held(item, end)
            ends.hold(index, end)
    return edited(beatmap, changes)


def _held(item: Circle, end: float) -> Hold:
    return Hold(
        time=item.time,
        end=end,
        x=item.x,
        y=item.y,
        new_combo=item.new_combo,
        combo_skip=item.combo_skip,
        sound=item.sound,
        sample=item.sample,
    )


def _sounding(beatmap: Beatmap, wanted: float | None, slack: float) -> Beatmap:
    """Additions on strong beats, or none on weak ones, until the share is right."""
    if wanted is None or beatmap.mode is Mode.TAIKO:
        return beatmap
    objects, weak = beatmap.objects, weakness(subject_of(beatmap))
    heard = [index for index, item in enumerate(objects) if _head(item) & ADDITIONS]
    least, most = (wanted - slack) * len(objects), (wanted + slack) * len(objects)
    changes: dict[int, HitObject | None] = {}
    if len(heard) > most:
        going = sorted(heard, key=lambda index: -weak[index])[: len(heard) - int(most)]
        changes = {index: _quiet(objects[index]) for index in going}
    elif len(heard) < least:
        silent = sorted(set(range(len(objects))) - set(heard), key=lambda index: weak[index])
        coming = silent[: int(np.ceil(least)) - len(heard)]
        changes = {index: sounding(objects[index], 0, HitSound.WHISTLE) for index in coming}
    return edited(beatmap, changes)


def _head(item: HitObject) -> HitSound:
    return item.edges[0].sound if isinstance(item, Slider) and item.edges else item.sound


def _quiet(item: HitObject) -> HitObject:
    if isinstance(item, Slider) and item.edges:
        first = item.edges[0]
        head = EdgeSound(first.sound & ~ADDITIONS, first.normal_set, first.addition_set)
        return replace(item, edges=(head, *item.edges[1:]))
    return replace(item, sound=item.sound & ~ADDITIONS)
