"""How weights move: Muon where it is to be, decay, clipping, the rate over the steps."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from torch import nn  # noqa: E402

from beatheritage.train.loop import average, compute_twice  # noqa: E402
from beatheritage.train.optimiser import (  # noqa: E402
    Decay,
    Optimiser,
    Optimising,
    hidden_weights,
    orthogonal,
    rate_at,
)


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.first = nn.Linear(4, 8)
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(2))
        self.recurrent = nn.GRU(8, 8)
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.recurrent(x)[0]


def test_orthogonal_has_singular_values_about_one():
    matrix = torch.randn(12, 7, generator=torch.Generator().manual_seed(0))
    sizes = torch.linalg.svdvals(orthogonal(matrix))
    assert sizes.min() > 0.6
    assert sizes.max() < 1.3
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    aligned = nn.functional.cosine_similarity(
        (left @ right).flatten(), orthogonal(matrix).flatten(), 0
    )
    assert aligned > 0.95


def test_muon_moves_hidden_matrices_and_adamw_the_rest():
    model = Small()
    hidden = {id(weight) for _, weight in hidden_weights(model)}
    names = {name for name, weight in model.named_parameters() if id(weight) in hidden}
    assert names == {
        *("layers.0.weight", "layers.1.weight"),
        *("recurrent.weight_ih_l0", "recurrent.weight_hh_l0"),
    }
    optimiser = Optimiser(model, Optimising(muon=True))
    moved = {
        name: sum(len(group["params"]) for group in rule.param_groups)
        for name, rule in optimiser.rules.items()
    }
    assert moved == {"adamw": 6, "muon": 4}


def test_a_step_of_muon_is_as_large_whatever_the_gradient():
    changes = []
    for scale in (1e-3, 1e3):
        model = Small()
        before = model.layers[0].weight.detach().clone()
        (model(torch.ones(3, 4)).sum() * scale).backward()
        Optimiser(model, Optimising(muon=True, muon_rate=0.1, weight_decay=0)).step(1.0)
        changes.append(float((model.layers[0].weight.detach() - before).norm()))
    assert changes[0] == pytest.approx(changes[1], rel=0.05)
    # At least one singular value of about the rate.
    assert changes[0] > 0.05


@pytest.mark.parametrize("muon", [True, False])
def test_weight_decay_shrinks_matrices_and_no_biases(muon):
    model = Small()
    with torch.no_grad():
        before = {name: weight.clone() for name, weight in model.named_parameters()}
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    Optimiser(model, Optimising(muon=muon, rate=0.1, muon_rate=0.1, weight_decay=0.5)).step(1.0)
    for name, weight in model.named_parameters():
        expected = before[name] * (0.95 if weight.ndim > 1 else 1.0)
        assert torch.allclose(weight, expected, atol=1e-6), name


@pytest.mark.parametrize(
    ("step", "words", "share"),
    [
        (0, {}, 0.25),
        (1, {"decay": Decay.LINEAR}, 0.5 * 0.9),
        (10, {"decay": Decay.LINEAR}, 0.0),
        (5, {"decay": Decay.LINEAR}, 0.5),
        (5, {"decay": Decay.COSINE}, 0.5),
        (10, {"floor": 0.1}, 0.1),
        (5, {"sustain": 5, "decay": Decay.LINEAR}, 1.0),
        (6, {"sustain": 5, "decay": Decay.LINEAR}, 0.8),
    ],
)
def test_the_rate_rises_stays_and_falls(step, words, share):
    optimising = Optimising(**{"warm_up": 4, "floor": 0.0, **words})
    assert rate_at(step, 10, optimising) == pytest.approx(share, abs=1e-6)


def test_the_average_follows_slowly():
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    before = one.weight.detach().clone()
    average(one, other, 0.999)
    assert torch.allclose(one.weight, 0.999 * before + 0.001 * other.weight, atol=1e-7)


def test_computed_twice_the_gradient_is_the_same_and_less_is_kept():
    kept, gradients = [], []
    for twice in (False, True):
        model, bytes_kept = Small(), [0]
        if twice:
            compute_twice(model)

        def pack(tensor, counted=bytes_kept):
            counted[0] += tensor.numel()
            return tensor

        x = torch.linspace(0, 1, 12 * 64).view(-1, 4)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            model(x).sum().backward()
        kept.append(bytes_kept[0])
        gradients.append([weight.grad for weight in model.parameters()])
    assert all(torch.allclose(*pair, atol=1e-4) for pair in zip(*gradients, strict=True))
    assert kept[1] < kept[0]
