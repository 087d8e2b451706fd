"""The ancestors' versions to train from nothing: what each can say, and how it hears.

Values of tokens, their order and the windows are those of the released versions, so that what is
trained here runs wherever theirs do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beatheritage.model.ancestor_mel import Listening

FIRST_ID = 3  # behind padding, start and end

_OBJECTS = (
    "new_combo hitsound:0..72 volume:0..100 circle spinner spinner_end slider_head bezier_anchor "
    "perfect_anchor catmull_anchor red_anchor last_anchor slider_end beat measure"
)
_FALLING = "hold_note hold_note_end scroll_speed_change"
_DRUMS = "drumroll drumroll_end denden denden_end"
_LANES = "column:0..17 scroll_speed:0..1000"
_SUSTAINS = "slider_sustain slider_repeat_sustain spinner_sustain"
_SHARES = "keycount:1..18 hold_note_ratio:-1..12 scroll_speed_ratio:-1..12 global_sv:40..360"
_SPLIT_4, _SPLIT_5 = "pos_x:-64..192 pos_y:-64..160", "pos_x:-52..153 pos_y:-52..128"
_LAYERED = ("none", "timing", "kiai", "map", "sv", "no_hs", "gd")
_HUMAN = "difficulty:0..24 mapper:0..{mappers} cs:0..21 year:2007..2077 hitsounded:0..1"
_PLACE = "song_length:0..60 song_position:-1..101"
_TOLD = f"gamemode:0..3 {_HUMAN} {_PLACE} descriptor:0..{{descriptors}} {_SHARES}"
_TOLD_V31 = (
    "gamemode:0..3 cs:0..21 year:2007..2077 hitsounded:0..1 descriptor:0..{descriptors} " + _SHARES
)
_WHISPER = Listening(
    slaney=True, bands=388, lowest_hz=0, highest_hz=8000, padding="constant", log=False
)
_ROTARY = Listening(
    slaney=False, bands=80, lowest_hz=20, highest_hz=8000, padding="reflect", log=True
)
_ROTARY_128 = Listening(
    slaney=False, bands=128, lowest_hz=20, highest_hz=8000, padding="reflect", log=True
)
_EMBEDDED = ("difficulty", "mapper", "position")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """``contexts`` in the order of their ids; ``says`` and ``told`` are kinds of tokens with their
    values; ``conditions`` are what the encoder is told, that there are no tokens for."""

    contexts: tuple[str, ...]
    says: str
    told: str
    listening: Listening
    rotary: bool
    source_positions: int
    target_positions: int
    conditions: tuple[str, ...] = ()


_V28 = Version(
    contexts=_LAYERED,
    says=f"t:0..818 snap:0..16 dist:0..640 pos:0..956 {_LANES} {_OBJECTS} timing_point kiai:0..1 "
    f"{_FALLING} {_DRUMS}",
    told=_TOLD,
    listening=_WHISPER,
    rotary=False,
    source_positions=512,
    target_positions=2048,
)
VERSIONS: dict[str, Version] = {
    "v28": _V28,
    "v29": _V28,
    "v30": Version(
        contexts=(),
        says=f"t:0..3276 snap:0..16 dist:0..640 {_SPLIT_4} {_OBJECTS}",
        told="",
        listening=_ROTARY,
        rotary=True,
        source_positions=2048,
        target_positions=5120,
        conditions=_EMBEDDED,
    ),
    "v31": Version(
        contexts=_LAYERED,
        says=f"t:0..3276 snap:0..16 dist:0..640 {_SPLIT_4} {_LANES} {_OBJECTS} timing_point "
        f"kiai:0..1 {_FALLING} {_DRUMS}",
        told=_TOLD_V31,
        listening=_ROTARY,
        rotary=True,
        source_positions=2048,
        target_positions=8192,
        conditions=_EMBEDDED,
    ),
    "v32": Version(
        contexts=("timing", "map", "sv"),
        says=f"t:0..1637 snap:0..16 pos:0..956 pos_refine:0..255 {_LANES} {_OBJECTS} timing_point "
        f"{_SUSTAINS} {_FALLING} hold_note_sustain {_DRUMS} drumroll_sustain denden_sustain",
        told=_TOLD,
        listening=_ROTARY_128,
        rotary=True,
        source_positions=1024,
        target_positions=2560,
    ),
    "beatheritage_v1": Version(
        contexts=("map", "timing"),
        says=f"t:-3276..3276 snap:0..16 dist:0..640 {_SPLIT_5} {_LANES} {_OBJECTS} timing_point "
        f"kiai:0..1 {_FALLING} {_DRUMS}",
        told=_TOLD,
        listening=_ROTARY,
        rotary=True,
        source_positions=2048,
        target_positions=5120,
        conditions=_EMBEDDED,
    ),
}


def lay_out(
    version: Version, mappers: Sequence[int] = (), descriptors: Sequence[str] = ()
) -> dict[str, Any]:
    """What tokenizer.json of a version has, for these mappers' ids and descriptors."""
    counts = {"mappers": len(mappers), "descriptors": len(descriptors)}
    outputs = [_range(word) for word in version.says.split()]
    inputs = [_range(word) for word in version.told.format(**counts).split()]
    position = offset = FIRST_ID + 2 * len(version.contexts)
    starts, ends = {}, {}
    for item in (*outputs, *inputs):
        starts[item["type"]] = position
        position += item["max_value"] - item["min_value"] + 1
        ends[item["type"]] = position
    numbered = list(enumerate(version.contexts))
    return {
        "offset": offset,
        "context_sos": {name: FIRST_ID + 2 * index for index, name in numbered},
        "context_eos": {name: FIRST_ID + 2 * index + 1 for index, name in numbered},
        "event_ranges": outputs,
        "input_event_ranges": inputs,
        "event_range": {item["type"]: item for item in (*outputs, *inputs)},
        "event_start": starts,
        "event_end": ends,
        "vocab_size_out": ends[outputs[-1]["type"]],
        "vocab_size_in": position,
        "num_classes": 0,
        "num_diff_classes": 24,
        "max_difficulty": 12,
        "num_cs_classes": 21,
        "mapper_idx": {str(mapper): index for index, mapper in enumerate(mappers)},
        "num_mapper_classes": len(mappers),
        "descriptor_idx": {name: index for index, name in enumerate(descriptors)},
        "num_descriptor_classes": len(descriptors),
    }


def _range(word: str) -> dict[str, Any]:
    name, _, values = word.partition(":")
    low, _, high = (values or "0..0").partition("..")
    return {"type": name, "min_value": int(low), "max_value": int(high)}
