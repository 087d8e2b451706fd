"""Cross-entropy as training grades it: harder on what is hard, softer on what is sure."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

LEAST_DOUBT = 1e-6  # of the focal factor, whose slope is infinite at 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """``focal`` is gamma of the focal loss (Lin et al. 2017), ``smoothing`` the share of each
    answer that is spread evenly over all that could have been given (Szegedy et al. 2016)."""

    focal: float = 0.0
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrading(Grading):
    """``rhythm``: how much a token that tells a time counts, against 1 for the others."""

    rhythm: float = 1.0


def graded(
    logits: Tensor, answers: Tensor, grading: Grading, allowed: Tensor | None = None
) -> Tensor:
    """The loss of each answer (...) among logits (..., V), 0 where the answer is -1.

    Where ``allowed`` (..., V) is False, logits are to be low already: nothing is spread there.
    """
    flat, answer = logits.float().flatten(0, -2), answers.flatten()
    surprise = functional.cross_entropy(flat, answer, ignore_index=-1, reduction="none")
    loss = surprise
    if grading.smoothing:
        open_to = torch.ones_like(flat) if allowed is None else allowed.flatten(0, -2).float()
        even = -(flat.log_softmax(-1) * open_to).sum(-1) / open_to.sum(-1).clamp(min=1)
        loss = (1 - grading.smoothing) * loss + grading.smoothing * even * (answer >= 0)
    if grading.focal:
        loss = loss * (1 - torch.exp(-surprise)).clamp(min=LEAST_DOUBT) ** grading.focal
    return loss.view(answers.shape)


def rhythm_weights(answers: Tensor, first: int, last: int, grading: TokenGrading) -> Tensor:
    """How much each answer counts (...): ``rhythm`` for tokens ``first`` to ``last - 1``, 0 for -1.

    The sum is what their total is divided by, so that a larger weight is no larger loss.
    """
    is_time = (answers >= first) & (answers < last)
    return torch.where(is_time, grading.rhythm, 1.0) * (answers >= 0)
