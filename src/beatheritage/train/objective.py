"""What the native mapper is graded by."""

import torch.nn.functional as F
from torch import Tensor

from beatheritage.model.mapper import Heard, Mapper, Written

KIAI_WEIGHT = 0.2
FORBIDDEN = -1e4


def mapper_loss(
    model: Mapper, batch: dict[str, Tensor], masks_CV: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch, and its parts.

    Tokens are graded among those that the grammar's choice allows; onsets and kiai are the
    encoder's own tasks. ``batch`` holds tensors named as the fields of ``mapper_data.Batch``.
    """
    memory, onsets, kiai = model.encoder(
        batch["patch_BPM"], batch["phase_BP"], batch["tempo_BP"], batch["heard_B"],
        batch["condition_BC"],
    )  # fmt: skip
    written = Written(**{name: batch[name] for name in Written.__dataclass_fields__})
    heard = Heard(memory_BPD=memory, onsets_BN=onsets.float(), condition_BC=batch["condition_BC"])
    logits, _ = model.decoder(written, heard)
    allowed = masks_CV[batch["choices_BT"]]
    logits = logits.float().masked_fill(~allowed, FORBIDDEN)
    tokens = F.cross_entropy(logits.transpose(1, 2), batch["targets_BT"], ignore_index=-1)
    per_tick = F.binary_cross_entropy_with_logits(
        onsets.float(), batch["onset_BN"], weight=batch["known_BN"], reduction="sum"
    )
    onset = per_tick / batch["known_BN"].sum() * 48
    told = batch["kiai_BP"] >= 0
    in_kiai = F.binary_cross_entropy_with_logits(
        kiai.float(), batch["kiai_BP"].clamp(min=0), weight=told.float(), reduction="sum"
    ) / told.sum().clamp(min=1)
    loss = tokens + onset / 4 + KIAI_WEIGHT * in_kiai
    parts = {"tokens": tokens, "onset": onset, "kiai": in_kiai}
    return loss, {name: float(part.detach()) for name, part in parts.items()}
