"""What the native mapper is graded by."""

import torch
import torch.nn.functional as F
from torch import Tensor

from beatheritage.model.mapper import Heard, Mapper, Written

KIAI_WEIGHT = 0.2
GLANCE_WEIGHT = 0.5
FORBIDDEN = -1e4


def mapper_loss(
    model: Mapper, batch: dict[str, Tensor], masks_CV: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch, and its parts.

    Tokens are graded among those that the grammar's choice allows, with all before them in view and
    at a glance; onsets and kiai are the encoder's own tasks. ``batch`` holds tensors named as the
    fields of ``mapper_data.Batch``.
    """
    written, heard, kiai = _heard(model, batch)
    full_BTV, glance_BTV = model.decoder.learn(written, heard)
    tokens, glance = (_graded(each, batch, masks_CV) for each in (full_BTV, glance_BTV))
    onsets = heard.onsets_BN
    per_tick = F.binary_cross_entropy_with_logits(
        onsets, batch["onset_BN"], weight=batch["known_BN"], reduction="sum"
    )
    onset = per_tick / batch["known_BN"].sum() * 48
    told = batch["kiai_BP"] >= 0
    in_kiai = F.binary_cross_entropy_with_logits(
        kiai.float(), batch["kiai_BP"].clamp(min=0), weight=told.float(), reduction="sum"
    ) / told.sum().clamp(min=1)
    loss = tokens + GLANCE_WEIGHT * glance + onset / 4 + KIAI_WEIGHT * in_kiai
    parts = {"tokens": tokens, "glance": glance, "onset": onset, "kiai": in_kiai}
    return loss, {name: float(part.detach()) for name, part in parts.items()}


def glance_loss(
    model: Mapper, batch: dict[str, Tensor], masks_CV: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """The loss of the answers at a glance alone; the rest of the model is left as it stands."""
    with torch.no_grad():
        written, heard, _ = _heard(model, batch)
        place_BTD = model.decoder.place(written, heard)
    logits_BTV = model.decoder.at_a_glance(place_BTD, written, heard)
    glance = _graded(logits_BTV, batch, masks_CV)
    return glance, {"glance": float(glance.detach())}


def _heard(model: Mapper, batch: dict[str, Tensor]) -> tuple[Written, Heard, Tensor]:
    """What was written, what the encoder makes of the song, and its logits of kiai (B, P)."""
    memory, onsets, kiai = model.encoder(
        batch["patch_BPM"], batch["phase_BP"], batch["tempo_BP"], batch["heard_B"],
        batch["condition_BC"],
    )  # fmt: skip
    written = Written(**{name: batch[name] for name in Written.__dataclass_fields__})
    condition_BC = batch["condition_BC"]
    heard = Heard(memory_BPD=memory, onsets_BN=onsets.float(), condition_BC=condition_BC)
    return written, heard, kiai


def _graded(logits_BTV: Tensor, batch: dict[str, Tensor], masks_CV: Tensor) -> Tensor:
    """Cross-entropy among what the grammar's choices allow."""
    forbidden = ~masks_CV[batch["choices_BT"]]
    among = logits_BTV.float().masked_fill(forbidden, FORBIDDEN)
    return F.cross_entropy(among.transpose(1, 2), batch["targets_BT"], ignore_index=-1)
