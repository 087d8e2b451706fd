"""Drawing and writing an ancestor's tokens: as the original did, but for what was wrong in it."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from tests.ancestors import (
    GOLDENS,
    TINY,
    VERSIONS,
    golden,
    kept,
    needs_goldens,
    song_samples,
    tokenizer_of,
    vocabulary_of,
    write_tiny,
)

from beatheritage.engine.ancestor import Told
from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.generate.ancestors.beams import write_beams
from beatheritage.generate.ancestors.sample import (
    Lookback,
    Sampler,
    StepSampling,
    biased,
    early_ids,
    end_marks,
    guided,
    late_ids,
    monotonic,
    temperature_of,
)
from beatheritage.generate.ancestors.write import Row, write
from beatheritage.generate.draw import draw
from beatheritage.tokens.steps import EOS, PAD, Context, Step, Vocabulary

SAMPLING = StepSampling(temperature=0.9, greedy=True)
GREEDY = ("greedy_cfg2", "greedy_lookback_lookahead", "greedy_cfg4_lookback_lookahead")
LONG_GREEDY = (
    "greedy",
    "greedy_lookback_small_lookahead",
    "greedy_cfg4_lookback_small_lookahead",
    "greedy_lookback3pct",
    "greedy_timeshift_bias",
)
UNKNOWN_SONG = Told(np.array([5.0]), np.array([-1]), np.array([[0.0, 0.5]]))


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_each_step_is_as_recorded(version):
    vocabulary = vocabulary_of(version)
    recorded = golden(version, "logits_processors.npz")
    inputs = golden(version, "logits_processors.json")
    scores, before = recorded["scores"], recorded["scores_prev"]
    early = early_ids(vocabulary, inputs["lookback_ms"])
    for name, tokens in inputs["input_ids"].items():
        assert close(monotonic(scores, tokens, vocabulary), recorded[f"monotonic__{name}"])
        cooled = scores / np.float32(temperature_of(tokens, vocabulary, SAMPLING))
        assert close(cooled, recorded[f"condtemp__{name}"])
        lookback = Lookback(vocabulary, early, before)
        assert close(lookback(scores, tokens), recorded[f"lookback__{name}"])
    assert close(biased(scores, vocabulary, 1.5), recorded["timeshift_bias_1.5"])
    assert close(guided(scores, before, 2.0), recorded["cfg_2"])
    assert drawn(scores, top_p=0.92) == set(np.flatnonzero(np.isfinite(recorded["top_p_0.92"])))
    assert drawn(scores, top_k=50) == set(np.flatnonzero(np.isfinite(recorded["top_k_50"])))


def close(got, expected):
    return np.allclose(got, expected, rtol=1e-4, atol=1e-4)


def drawn(scores, **limits):
    """Every index that some luck draws: luck at the edges of what each can take."""
    chances = np.exp(scores.astype(np.float64) - scores.max())
    order = np.argsort(-chances)
    kept_ids = np.sort(
        order[
            : limits.get("top_k")
            or np.searchsorted(np.cumsum(chances[order]) / chances.sum(), limits["top_p"]) + 1
        ]
    )
    edges = np.cumsum(chances[kept_ids]) / chances[kept_ids].sum()
    middles = (np.concatenate([[0], edges[:-1]]) + edges) / 2
    allowed = np.ones(len(scores), bool)
    return {draw(scores, allowed, float(luck), **limits) for luck in middles}


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "names", [GREEDY, pytest.param(LONG_GREEDY, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_greedy_windows_are_as_recorded(version, names):
    opened = open_ancestor(GOLDENS / version)
    engine = load_ancestor(opened)
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    inputs = golden(version, "inputs.json")
    samples = golden("shared", "audio_16k_mono.npy")[None, : engine.window_samples]
    heard = engine.hear(samples, told_of(inputs["cond"]))
    for name in names:
        recorded = golden(version, "generate.json")[name]
        row = recorded_row(recorded["kwargs"], vocabulary, inputs)
        (tokens,) = write(engine, heard, [row], recorded["kwargs"]["max_length"])
        assert tokens == recorded["sequence"][recorded["prompt_len"] :], name


@needs_goldens
@pytest.mark.parametrize(
    "version",
    [v if v in ("v29", "v32") else pytest.param(v, marks=pytest.mark.slow) for v in VERSIONS],
)
def test_beams_are_as_recorded(version):
    opened = open_ancestor(GOLDENS / version)
    engine = load_ancestor(opened)
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    inputs, recorded = golden(version, "inputs.json"), golden(version, "generate.json")["beam2"]
    samples = golden("shared", "audio_16k_mono.npy")[None, : engine.window_samples]
    heard = engine.hear(samples, told_of(inputs["cond"]))
    row = recorded_row(recorded["kwargs"], vocabulary, inputs)
    row = replace(row, sampler=AllAsTheFirst(vocabulary, row.sampler.sampling, None, None))
    tokens = write_beams(engine, heard, row, 2, recorded["kwargs"]["max_length"])
    assert tokens == recorded["sequence"][recorded["prompt_len"] :]


@dataclass(slots=True)
class AllAsTheFirst(Sampler):
    """The original chose one temperature for all rows, by what the first of them wrote."""

    first: list[int] = field(default_factory=list)

    def temperature(self, tokens):
        if len(tokens) != len(self.first):
            self.first[:] = tokens
        return temperature_of(self.first, self.vocabulary, self.sampling)


def told_of(conditions):
    return Told(
        np.array(conditions.get("difficulty", [5.0])),
        np.array(conditions.get("mapper_idx", [-1])),
        np.array(conditions.get("song_position", [[0.0, 0.0]])),
    )


def recorded_row(options, vocabulary, inputs):
    """A row as the original wrote it: guidance led towards the negative prompt, whose padding was
    seen like any token."""
    prompt, unlike = tuple(inputs["prompt"]), tuple(inputs["negative_prompt"])
    if options["cfg_scale"] > 1:
        prompt, unlike = (PAD,) * (len(prompt) - len(unlike)) + unlike, prompt
    sampling = StepSampling(
        temperature=options["temperature"],
        timing_temperature=options["timing_temperature"],
        column_temperature=options["mania_column_temperature"],
        hit_temperature=options["taiko_hit_temperature"],
        guidance=options["cfg_scale"],
        time_bias=options["timeshift_bias"],
        greedy=True,
    )
    early = early_ids(vocabulary, options["lookback_time"]) if options["lookback_time"] else None
    late = late_ids(vocabulary, options["lookahead_time"])
    ends = {*end_marks(vocabulary, Context(options["context_type"])), *(early or ()), *late}
    lookback = Lookback(vocabulary, early) if early else None
    sampler = Sampler(vocabulary, sampling, lookback, np.random.default_rng(0))
    return Row(prompt=prompt, unlike=unlike, window=0, sampler=sampler, ends=frozenset(ends))


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_what_ends_a_window_is_as_recorded(version):
    vocabulary, recorded = vocabulary_of(version), golden(version, "eos_ids.json")
    window = {"v29": 8184, "v32": 16376}.get(version, 32760)
    assert len(late_ids(vocabulary, 0.4 * window)) == recorded["ranges"]["n_lookahead"]
    early = early_ids(vocabulary, 0.5 * window)
    times = vocabulary.range(Step.TIME)
    # Where a vocabulary has times before the window, the original counted from the first of them.
    assert len(early) + times.low == recorded["ranges"]["n_lookback"]
    marks = end_marks(vocabulary, Context.MAP)
    assert (
        len(marks) + len(early) + times.low + len(late_ids(vocabulary, 0.4 * window))
        == (recorded["count"])
    )


@pytest.fixture(scope="module", params=TINY)
def tiny(request, tmp_path_factory):
    folder = write_tiny(request.param, tmp_path_factory.mktemp(request.param))
    opened = open_ancestor(folder)
    engine = load_ancestor(opened)
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    samples = np.stack([song_samples(engine.window_samples), np.zeros(engine.window_samples)])
    told = Told(np.array([5.0, 2.0]), np.array([-1, 3]), np.array([[0.0, 0.5], [0.5, 1.0]]))
    return request.param, engine, vocabulary, engine.hear(samples, told)


def row_of(vocabulary, prompt, window=0, unlike=(), seed=0, **sampling):
    chosen = StepSampling(**({"greedy": True} | sampling))
    sampler = Sampler(vocabulary, chosen, None, np.random.default_rng(seed))
    ends = frozenset(end_marks(vocabulary, Context.MAP))
    return Row(prompt=prompt, unlike=unlike, window=window, sampler=sampler, ends=ends)


PROMPT, OTHER = (1, 40, 700), (1, 90, 1200, 44, 800)


def test_tiny_windows_are_as_kept(tiny):
    version, engine, vocabulary, heard = tiny
    (tokens,) = write(engine, heard, [row_of(vocabulary, PROMPT)], 60)
    assert tokens == kept()[version]["written"]


def test_rows_together_write_what_each_writes_alone(tiny):
    _, engine, vocabulary, heard = tiny
    makers = [
        lambda: row_of(vocabulary, PROMPT),
        lambda: row_of(vocabulary, OTHER, window=1),
        lambda: row_of(vocabulary, OTHER, unlike=PROMPT, guidance=1.5),
    ]
    alone = [write(engine, heard, [make()], 40)[0] for make in makers]
    together = write(engine, heard, [make() for make in makers], 40)
    for one, other in zip(alone, together, strict=True):
        shorter = min(len(one), len(other))
        assert shorter >= 30
        assert one[:shorter] == other[:shorter]


def test_guidance_favours_what_the_prompt_makes_likelier(tiny):
    _, engine, _, heard = tiny
    told, unlike = engine.start(heard, [0, 0]).read([PROMPT, OTHER])
    favour = told - unlike

    def expected_favour(scale):
        scores = guided(told, unlike, scale)
        chances = np.exp(scores - scores.max())
        return float(chances @ favour / chances.sum())

    under = [expected_favour(scale) for scale in (0.0, 1.0, 1.5, 3.0, 7.5)]
    assert under == sorted(set(under))


def test_equal_prompts_are_not_guided(tiny):
    _, _, vocabulary, _ = tiny
    assert not row_of(vocabulary, PROMPT, unlike=PROMPT, guidance=3.0).is_guided
    assert not row_of(vocabulary, PROMPT, unlike=OTHER, guidance=1.0).is_guided
    assert row_of(vocabulary, PROMPT, unlike=OTHER, guidance=3.0).is_guided


def test_one_beam_is_greedy_and_more_are_likelier(tiny):
    _, engine, vocabulary, heard = tiny

    def written(count, **options):
        row = row_of(vocabulary, OTHER, **options)
        return write_beams(engine, heard, row, count, 30)

    assert written(1) == write(engine, heard, [row_of(vocabulary, OTHER)], 30)[0]
    assert likelihood(engine, heard, written(4)) >= likelihood(engine, heard, written(1))
    assert written(2, unlike=PROMPT, guidance=2.0) != written(2)


def likelihood(engine, heard, tokens):
    """The mean log-chance of tokens behind the prompt."""
    decoding = engine.start(heard, [0])
    scores, total = decoding.read([OTHER]), 0.0
    for token in tokens:
        total += float(scores[0, token] - np.logaddexp.reduce(scores[0].astype(float)))
        scores = decoding.read([[token]])
    return total / len(tokens)


def test_the_same_seed_draws_the_same(tiny):
    _, engine, vocabulary, heard = tiny
    options = {"greedy": False, "temperature": 1.5, "top_p": 1.0}
    draws = [
        write(engine, heard, [row_of(vocabulary, PROMPT, seed=seed, **options)], 30)
        for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]


def test_repetition_costs(tiny):
    _, engine, vocabulary, heard = tiny
    plain, penalised = (
        write(engine, heard, [row_of(vocabulary, PROMPT, repetition_penalty=penalty)], 60)[0]
        for penalty in (1.0, 1.5)
    )
    assert len(set(penalised)) / len(penalised) >= len(set(plain)) / len(plain)
    assert penalised != plain


def test_time_never_goes_back(tiny):
    _, engine, vocabulary, heard = tiny
    sampling = {"greedy": False, "temperature": 3.0, "top_p": 1.0, "time_bias": 3.0}
    (tokens,) = write(engine, heard, [row_of(vocabulary, (1,), **sampling)], 80)
    ids = vocabulary.ids(Step.TIME)
    stretches = [[]]
    for token in tokens:
        if token in vocabulary.sos.values():  # random weights open contexts anywhere
            stretches.append([])
        elif ids.start <= token < ids.stop:
            stretches[-1].append(token)
    assert max(len(times) for times in stretches) > 3
    assert all(times == sorted(times) for times in stretches)


def test_a_window_does_not_end_where_it_was_written_before():
    vocabulary = Vocabulary(tokenizer_of("v29"))
    early = early_ids(vocabulary, 4092)
    scores = np.zeros(vocabulary.size_out, np.float32)
    lookback = Lookback(vocabulary, early)
    beat = vocabulary.id(Step.BEAT)
    assert np.array_equal(lookback(scores, [EOS]), scores)
    weighed = np.exp(lookback(scores, [beat]))
    assert weighed.sum() == pytest.approx(1, abs=1e-5)
    assert weighed[early.start] > 0  # stands for an end
    assert not weighed[early.start + 1 : early.stop].any()
