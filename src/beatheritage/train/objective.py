"""What the native mapper is graded by."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from beatheritage.model.mapper import TICKS_PER_BEAT, Heard, Mapper, Written
from beatheritage.tokens.vocabulary import Token, ids
from beatheritage.train.grading import TokenGrading, graded, rhythm_weights

WEIGHTS = {"tokens": 1.0, "glance": 0.5, "onset": 0.25, "kiai": 0.2}
FORBIDDEN = -1e4
TIMES = (ids(Token.BEAT).start, ids(Token.TICK).stop)


Batch = Mapping[str, Tensor]
"""Tensors named as the fields of ``mapper_data.Batch``."""


def mapper_totals(
    model: Mapper, batch: Batch, masks_CV: Tensor, grading: TokenGrading
) -> dict[str, Tensor]:
    """The parts of the loss, summed over all that a batch asks.

    Tokens are graded among those that the grammar's choice allows, with all before them in view and
    at a glance; onsets (by the beat) and kiai are the encoder's own tasks.
    """
    written, heard, kiai = _heard(model, batch)
    full_BTV, glance_BTV = model.decoder.learn(written, heard)
    per_tick = F.binary_cross_entropy_with_logits(
        heard.onsets_BN, batch["onset_BN"], weight=batch["known_BN"], reduction="sum"
    )
    in_kiai = F.binary_cross_entropy_with_logits(
        kiai.float(),
        batch["kiai_BP"].clamp(min=0),
        weight=_tells_kiai(batch).float(),
        reduction="sum",
    )
    return {
        "tokens": _graded(full_BTV, batch, masks_CV, grading),
        "glance": _graded(glance_BTV, batch, masks_CV, grading),
        "onset": per_tick * TICKS_PER_BEAT,
        "kiai": in_kiai,
    }


def mapper_counts(batch: Batch, grading: TokenGrading) -> dict[str, Tensor]:
    """How much a batch asks of each part."""
    tokens = _weights(batch, grading).sum()
    return {
        "tokens": tokens,
        "glance": tokens,
        "onset": batch["known_BN"].sum(),
        "kiai": _tells_kiai(batch).sum(),
    }


def glance_totals(
    model: Mapper, batch: Batch, masks_CV: Tensor, grading: TokenGrading
) -> dict[str, Tensor]:
    """The loss of the answers at a glance alone; the rest of the model is left as it stands."""
    with torch.no_grad():
        written, heard, _ = _heard(model, batch)
        place_BTD = model.decoder.place(written, heard)
    logits_BTV = model.decoder.at_a_glance(place_BTD, written, heard)
    return {"glance": _graded(logits_BTV, batch, masks_CV, grading)}


def _heard(model: Mapper, batch: Batch) -> tuple[Written, Heard, Tensor]:
    """What was written, what the encoder makes of the song, and its logits of kiai (B, P)."""
    memory, onsets, kiai = model.encoder(
        batch["patch_BPM"], batch["phase_BP"], batch["tempo_BP"], batch["heard_B"],
        batch["condition_BC"],
    )  # fmt: skip
    written = Written(**{name: batch[name] for name in Written.__dataclass_fields__})
    condition_BC = batch["condition_BC"]
    heard = Heard(memory_BPD=memory, onsets_BN=onsets.float(), condition_BC=condition_BC)
    return written, heard, kiai


def _graded(logits_BTV: Tensor, batch: Batch, masks_CV: Tensor, grading: TokenGrading) -> Tensor:
    """Cross-entropy among what the grammar's choices allow."""
    allowed = masks_CV[batch["choices_BT"]]
    among = logits_BTV.float().masked_fill(~allowed, FORBIDDEN)
    return (graded(among, batch["targets_BT"], grading, allowed) * _weights(batch, grading)).sum()


def _weights(batch: Batch, grading: TokenGrading) -> Tensor:
    return rhythm_weights(batch["targets_BT"], *TIMES, grading)


def _tells_kiai(batch: Batch) -> Tensor:
    return batch["kiai_BP"] >= 0
