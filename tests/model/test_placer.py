"""The placer's fast path is its plain path, and what it sees turns with the map."""

import numpy as np
import torch

from beatheritage.model.placer import Seen, conjugate, margin, rotate, spokes
from beatheritage.tokens import moves

OBJECTS = 9


def sights(generator: torch.Generator) -> Seen:
    """What is seen before each of nine objects, of a map that makes no sense."""
    angles = torch.rand(1, OBJECTS, generator=generator) * 6
    return Seen(
        anchors=torch.rand(1, OBJECTS, 2 * moves.HISTORY, 2, generator=generator) * 380,
        exits=torch.stack([angles.cos(), angles.sin()], -1),
        moved=torch.rand(1, OBJECTS, 1, generator=generator) * 200,
        expected=torch.rand(1, OBJECTS, 1, generator=generator) * 200,
        last_actions=torch.nn.functional.one_hot(torch.arange(OBJECTS) % 3, 3).float()[None],
    )


def test_steps_one_by_one_give_what_the_whole_run_gives(tiny_placer):
    placer, _ = tiny_placer
    generator = torch.Generator().manual_seed(3)
    seen = sights(generator)
    context = torch.randn(1, OBJECTS, 32, generator=generator)
    with torch.no_grad():
        whole = placer.run(context, seen)
        state = torch.zeros(1, 32)
        for index in range(OBJECTS):
            one = placer.step(context[:, index], Seen(*(part[:, index] for part in seen)), state)
            state = one.state
            for mine, theirs in zip(one, whole, strict=True):
                assert torch.allclose(mine, theirs[:, index], atol=1e-5)


def test_turns_are_judged_by_where_they_land(tiny_placer):
    # The same move seen from another place of the field is judged otherwise.
    placer, _ = tiny_placer
    seen = Seen(*(part[:, 0] for part in sights(torch.Generator().manual_seed(3))))
    elsewhere = seen._replace(anchors=seen.anchors + 90)
    state, distance = torch.zeros(1, 32), torch.tensor([[100.0]])
    with torch.no_grad():
        assert not torch.allclose(
            placer.turn(state, seen, distance), placer.turn(state, elsewhere, distance)
        )


def test_mirrored_lies_of_a_line_differ_only_in_their_mark(tiny_placer):
    placer, _ = tiny_placer
    seen = Seen(*(part[:, 0] for part in sights(torch.Generator().manual_seed(3))))
    bodies, directions = placer._lies(torch.tensor([0]), torch.tensor([[80.0]]), seen)
    plain, mirrored = bodies.chunk(2, dim=1)
    assert torch.allclose(plain, mirrored, atol=1e-4)
    assert bodies.shape == (1, 2 * moves.ORIENTATIONS, 4, 2)
    assert directions.shape == (1, 2 * moves.ORIENTATIONS, 2)


def test_rotating_back_is_the_conjugate():
    ways = spokes(16)
    points = torch.randn(16, 2, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(rotate(rotate(points, ways), conjugate(ways)), points, atol=1e-6)


def test_margin_is_zero_at_the_wall():
    points = torch.tensor([[0.0, 100.0], [256.0, 192.0], [520.0, 10.0], [32.0, 100.0]])
    assert np.allclose(margin(points), [0.0, 1.0, -0.125, 0.5])
