"""The schedule: the recorded one to the last digit, and the laws of respacing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import golden, needs_goldens
from tests.diffusion import RECORDED

from beatheritage.generate.diffusion.schedule import (
    TRAINED_STEPS,
    cosine_betas,
    make_schedule,
    steps_of,
)

TOLERANCE = 1e-12


@needs_goldens
@pytest.mark.parametrize("version", ["v30", "beatheritage_v1", "v29_default"])
def test_terms_are_those_of_the_original(version):
    recorded = golden(RECORDED, "schedules.json")[version]
    terms = golden(RECORDED, "schedules.npz")
    schedule = make_schedule(recorded["section_counts"])
    assert list(schedule.steps) == recorded["use_timesteps"]
    ours = {
        "betas": schedule.betas,
        "alphas_cumprod": schedule.kept,
        "posterior_variance": schedule.variance,
        "posterior_log_variance_clipped": schedule.least_log,
        "posterior_mean_coef1": schedule.believed,
        "posterior_mean_coef2": schedule.there,
    }
    for name, term in ours.items():
        assert np.abs(term - terms[f"{version}__{name}"]).max() < TOLERANCE, name


@needs_goldens
def test_trained_noise_is_that_of_the_original():
    recorded = golden(RECORDED, "schedules.npz")["betas_squaredcos_cap_v2_1000"]
    assert np.abs(cosine_betas(TRAINED_STEPS) - recorded).max() < TOLERANCE


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40).filter(any))
def test_each_section_gives_as_many_steps_as_it_is_asked_for(counts):
    steps = steps_of(counts)
    assert len(steps) == sum(counts)
    assert list(steps) == sorted(set(steps))
    edges = np.cumsum(
        [
            0,
            *(
                TRAINED_STEPS // len(counts) + (i < TRAINED_STEPS % len(counts))
                for i, _ in enumerate(counts)
            ),
        ]
    )
    assert np.histogram(steps, edges)[0].tolist() == counts


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((100,) * 11, "more than the 91"),
        ((101, *[0] * 9), "101 steps"),
        ((0, 0), "no steps"),
        ((-1, 3), "-1 steps"),
    ],
)
def test_what_a_section_has_not_is_refused(counts, says):
    with pytest.raises(ValueError, match=says):
        make_schedule(counts)
    assert make_schedule((100, *[0] * 9)).steps == tuple(range(100))


@given(st.integers(1, 60))
def test_without_noise_a_belief_is_the_place_and_the_last_step_gives_it(count):
    schedule = make_schedule((count, *[0] * 9))
    places = np.linspace(-1, 1, 6).reshape(3, 2)
    for index in range(count):
        belief = schedule.belief(places * np.sqrt(schedule.kept[index]), np.zeros((3, 2)), index)
        assert belief == pytest.approx(places)
    mean, spread = schedule.back(places + 5, places, np.zeros((3, 2)), 0)
    assert mean == pytest.approx(places)
    assert not spread.any()
