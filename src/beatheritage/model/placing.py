"""Where each tensor of an ancestor's checkpoint belongs in our mapper.

Their three backbones name the same things in three ways, and hold queries, keys and values apart or
as one; here they are always one. A table of names, and nothing else, tells them from each other.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]


class Place(NamedTuple):
    """The rows ``part`` of ``parts`` equal ones of our tensor ``name``."""

    name: str
    part: int = 0
    parts: int = 1


DERIVED = (
    "spectrogram.",  # follows from the config
    "loss_fn.",  # for training
    "transformer.model.decoder.embed_tokens.",  # never read: decoder_embedder is
)

# Whole names, then what stands inside of them; in this order.
_RENAMES = (
    (r"^transformer\.model\.(encoder|decoder)\.", r"\1."),
    (r"^transformer\.proj_out\.", "decoder.head."),
    (r"^decoder_embedder\.", "decoder.embedding."),
    (r"^encoder_embedder\.", "projection."),
    (r"^difficulty_embedder\.", "told.difficulty."),
    (r"^mapper_embedder\.layer_norm\.", "told.mapper.norm."),
    (r"^mapper_embedder\.", "told.mapper."),
    (r"^song_pos_embedder\.", "told.position."),
    (r"\.basis_centers$", ".bumps.centres"),
    (r"\.basis_widths$", ".bumps.widths"),
    (r"\.(difficulty|position)_proj\.", ".project."),
    (r"\.embed_positions\.weight$", ".positions"),
    (r"\.self_attn_layer_norm\.", ".attention_norm."),
    (r"\.(encoder_attn|cross_attn)_layer_norm\.", ".cross_norm."),
    (r"\.final_layer_norm\.", ".norm."),
    (r"^(encoder|decoder)\.layer_norm\.", r"\1.norm."),
    (r"\.self_attn\.", ".attention."),
    (r"\.(encoder_attn|cross_attn)\.", ".cross."),
)

_PROJECTIONS = {
    ".attention.q_proj.": (".attention.qkv.", 0, 3),
    ".attention.k_proj.": (".attention.qkv.", 1, 3),
    ".attention.v_proj.": (".attention.qkv.", 2, 3),
    ".attention.Wqkv.": (".attention.qkv.", 0, 1),
    ".cross.q_proj.": (".cross.q.", 0, 1),
    ".cross.k_proj.": (".cross.kv.", 0, 2),
    ".cross.v_proj.": (".cross.kv.", 1, 2),
    ".cross.Wq.": (".cross.q.", 0, 1),
    ".cross.Wkv.": (".cross.kv.", 0, 1),
    ".out_proj.": (".out.", 0, 1),
    ".Wo.": (".out.", 0, 1),
}

# Whisper's keys have no bias, which is to have one of 0.
_ZERO_PARTS = re.compile(r"\.attention\.qkv\.bias$|\.cross\.kv\.bias$")
_KEYS_PART = {3: 1, 2: 0}


def place(name: str) -> Place | None:
    """Where a tensor of theirs goes; None for what isn't needed."""
    if name.startswith(DERIVED):
        return None
    for pattern, ours in _RENAMES:
        name = re.sub(pattern, ours, name)
    for theirs, (ours, part, parts) in _PROJECTIONS.items():
        if theirs in name:
            return Place(name.replace(theirs, ours), part, parts)
    return Place(name)


def placements(
    stored: Shapes, wanted: Shapes, place: Callable[[str], Place | None] = place
) -> dict[str, dict[str, Place]]:
    """For each of our tensors, their tensors that fill it; ``place`` tells where each goes.

    Raises ValueError, naming the first few, for tensors that are missing, that have no place, or
    whose shape is not that of their place.
    """
    found: dict[str, dict[str, Place]] = {name: {} for name in wanted}
    strange, misfits = [], []
    for name, shape in stored.items():
        goal = place(name)
        if goal is None:
            continue
        if goal.name not in wanted:
            strange.append(name)
            continue
        rows, *rest = wanted[goal.name]
        if shape != (rows // goal.parts, *rest):
            misfits.append(f"{name} is {shape}, not {(rows // goal.parts, *rest)}")
        found[goal.name][name] = goal
    missing = [name for name, parts in found.items() if not _is_full(name, parts)]
    for what, names in (("unknown", strange), ("misshapen", misfits), ("missing", missing)):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise ValueError(f"{what} tensors: {', '.join(names[:3])}{more}")
    return found


def _is_full(name: str, parts: Mapping[str, Place]) -> bool:
    if not parts:
        return False
    count = next(iter(parts.values())).parts
    filled = {found.part for found in parts.values()}
    if _ZERO_PARTS.search(name) and count > 1:
        filled.add(_KEYS_PART[count])
    return filled == set(range(count))
