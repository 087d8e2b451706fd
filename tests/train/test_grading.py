"""Focal loss, label smoothing and the rhythm's weight: what each does to a loss or a gradient."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.train.grading import (  # noqa: E402
    Grading,
    TokenGrading,
    graded,
    rhythm_weights,
)

LOGITS = torch.tensor([[4.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
ANSWERS = torch.tensor([0, 0])


def test_plain_it_is_cross_entropy():
    expected = torch.nn.functional.cross_entropy(LOGITS, ANSWERS, reduction="none")
    assert torch.equal(graded(LOGITS, ANSWERS, Grading()), expected)


def test_focal_counts_what_is_sure_less_than_what_is_not():
    plain, focal = (graded(LOGITS, ANSWERS, Grading(focal=gamma)) for gamma in (0, 2))
    likely = LOGITS.softmax(-1)[torch.arange(2), ANSWERS]
    assert torch.allclose(focal, plain * (1 - likely) ** 2)
    assert focal[0] / plain[0] < 0.01 < focal[1] / plain[1]


def test_smoothing_is_least_where_the_rest_is_left_some_chance():
    logits = torch.zeros(1, 3, requires_grad=True)
    optimiser = torch.optim.SGD([logits], lr=2.0)
    for _ in range(400):
        optimiser.zero_grad()
        graded(logits, torch.tensor([1]), Grading(smoothing=0.3)).sum().backward()
        optimiser.step()
    assert float(logits.detach().softmax(-1)[0, 1]) == pytest.approx(0.8, abs=0.01)


def test_smoothing_leaves_out_what_is_not_allowed():
    allowed = torch.tensor([[True, True, False]])
    logits = torch.tensor([[1.0, 0.0, -1e4]])
    smoothed = graded(logits, torch.tensor([0]), Grading(smoothing=0.1), allowed)
    assert float(smoothed) < 2


def test_what_is_not_asked_costs_nothing():
    grading = Grading(focal=2, smoothing=0.1)
    assert graded(LOGITS, torch.tensor([-1, -1]), grading).tolist() == [0, 0]


def test_focal_of_what_is_certain_has_a_gradient():
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    graded(logits, torch.tensor([0]), Grading(focal=0.5)).sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_rhythm_weighs_times_and_nothing_else():
    answers = torch.tensor([[4, 5, 9, -1]])
    weights = rhythm_weights(answers, 4, 6, TokenGrading(rhythm=3))
    assert weights.tolist() == [[3, 3, 1, 0]]
