"""The mapper's parts say what they promise."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from tests.tiny import tiny_mapper  # noqa: E402

from beatheritage.model.mapper import TICKS_PER_BEAT, Heard, Written  # noqa: E402
from beatheritage.tokens import prompt, vocabulary  # noqa: E402
from beatheritage.tokens.vocabulary import Token, ids, token_id  # noqa: E402

BEATS = 6


def heard(onset: float = 0.0) -> Heard:
    generator = torch.Generator().manual_seed(3)
    return Heard(
        memory_BPD=torch.randn(1, BEATS * 12, 32, generator=generator),
        onsets_BN=torch.full((1, BEATS * TICKS_PER_BEAT), onset),
        condition_BC=torch.rand(1, prompt.SIZE, generator=generator),
    )


def written(count: int) -> Written:
    generator = torch.Generator().manual_seed(4)
    ticks = torch.randint(0, BEATS * TICKS_PER_BEAT, (1, count), generator=generator)
    return Written(
        tokens_BT=torch.randint(0, vocabulary.SIZE, (1, count), generator=generator),
        ticks_BT=ticks.sort().values,
        floors_BT=torch.randint(0, 49, (1, count), generator=generator).float(),
    )


def part(whole: Written, span: slice) -> Written:
    return Written(
        tokens_BT=whole.tokens_BT[:, span],
        ticks_BT=whole.ticks_BT[:, span],
        floors_BT=whole.floors_BT[:, span],
    )


@torch.no_grad()
def test_tokens_one_by_one_give_what_all_at_once_give() -> None:
    decoder, song, tokens = tiny_mapper().decoder, heard(), written(20)
    plain, _ = decoder(tokens, song)
    past = [(torch.zeros(1, 2, 32, 16), torch.zeros(1, 2, 32, 16)) for _ in range(2)]
    seen = 0
    for count in (7, 1, 1, 3, 1, 7):
        piece = part(tokens, slice(seen, seen + count))
        logits, new = decoder(piece, song, past, torch.tensor(seen))
        for (keys, values), (new_keys, new_values) in zip(past, new, strict=True):
            keys[:, :, seen : seen + count] = new_keys
            values[:, :, seen : seen + count] = new_values
        seen += count
        torch.testing.assert_close(logits, plain[:, seen - count : seen], rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_no_token_sees_a_later_one() -> None:
    decoder, song, tokens = tiny_mapper().decoder, heard(), written(12)
    plain, _ = decoder(tokens, song)
    changed = part(tokens, slice(None))
    changed.tokens_BT[:, 8:] = 5
    again, _ = decoder(changed, song)
    torch.testing.assert_close(again[:, :8], plain[:, :8])
    assert not torch.allclose(again[:, 8:], plain[:, 8:])


@torch.no_grad()
@pytest.mark.parametrize("floor", [0, 1, 17, 47, 48])
def test_without_corrections_times_are_as_likely_as_the_onsets_make_them(floor: int) -> None:
    mapper = tiny_mapper()
    torch.nn.init.zeros_(mapper.decoder.out.weight)
    torch.nn.init.zeros_(mapper.decoder.out.bias)
    for part in (mapper.decoder.glance[-1].weight, mapper.decoder.glance[-1].bias):
        torch.nn.init.zeros_(part)
    chance = 0.25
    onset = float(torch.logit(torch.tensor(chance)))
    at = Written(
        tokens_BT=torch.tensor([[token_id(Token.BEAT)]]),
        ticks_BT=torch.tensor([[TICKS_PER_BEAT]]),
        floors_BT=torch.tensor([[float(floor)]]),
    )
    logits, _ = mapper.decoder(at, heard(onset))
    odds = logits[0, 0].exp()
    ticks = odds[ids(Token.TICK)]
    open_ticks = TICKS_PER_BEAT - floor
    expected = [chance * (1 - chance) ** index for index in range(open_ticks)]
    torch.testing.assert_close(ticks[floor:], torch.tensor(expected))
    assert float(ticks[:floor].sum()) < 1e-6
    assert float(odds[token_id(Token.BEAT)]) == pytest.approx((1 - chance) ** open_ticks, rel=1e-4)


@torch.no_grad()
def test_shares_say_how_much_of_the_past_is_heeded() -> None:
    sliders, sounds = ids(Token.SLIDER), ids(Token.SOUND)
    song, tokens, other = heard(), written(9), written(9)
    other.tokens_BT[:, :5] = 7

    def answer(share: float, after: Written) -> torch.Tensor:
        mapper = tiny_mapper(shares=((sliders.start, sliders.stop, share),))
        return mapper.decoder(after, song)[0][0, -1]

    deaf, half, whole = (answer(share, tokens) for share in (0.0, 0.5, 1.0))
    torch.testing.assert_close(deaf[sliders], answer(0.0, other)[sliders])
    assert not torch.allclose(whole[sliders], answer(1.0, other)[sliders])
    torch.testing.assert_close(half[sliders], (deaf[sliders] + whole[sliders]) / 2)
    # What is not named heeds all.
    torch.testing.assert_close(deaf[sounds], whole[sounds])
    assert not torch.allclose(deaf[sounds], answer(0.0, other)[sounds])


@torch.no_grad()
def test_time_is_as_likely_against_the_rest_whatever_its_share() -> None:
    times = slice(token_id(Token.BEAT), ids(Token.TICK).stop)
    song, tokens = heard(), written(9)
    told, alone = (
        tiny_mapper(shares=((times.start, times.stop, share),)).decoder(tokens, song)[0]
        for share in (1.0, 0.25)
    )
    assert not torch.allclose(told[..., times], alone[..., times], atol=1e-3)
    torch.testing.assert_close(told[..., times].logsumexp(-1), alone[..., times].logsumexp(-1))


@torch.no_grad()
def test_learning_grades_what_writing_uses() -> None:
    whole, glance = tiny_mapper(), tiny_mapper(shares=((0, vocabulary.SIZE, 0.0),))
    song, tokens = heard(), written(9)
    told, at_once = whole.decoder.learn(tokens, song)
    torch.testing.assert_close(told, whole.decoder(tokens, song)[0])
    kinds = slice(ids(Token.CIRCLE).start, None)
    torch.testing.assert_close(at_once[..., kinds], glance.decoder(tokens, song)[0][..., kinds])
    place = whole.decoder.place(tokens, song)
    torch.testing.assert_close(at_once, whole.decoder.at_a_glance(place, tokens, song))


@torch.no_grad()
def test_conditions_and_silence_are_heard() -> None:
    encoder = tiny_mapper().encoder
    patch, phase = torch.randn(1, 48, encoder.patch.in_features), torch.arange(48)[None]
    tempo, condition = torch.zeros(1, 48), torch.zeros(1, prompt.SIZE)
    base = encoder(patch, phase, tempo, torch.ones(1), condition)[1]
    assert not torch.allclose(base, encoder(patch, phase, tempo, torch.zeros(1), condition)[1])
    told = condition.clone()
    told[0, 0] = 1
    assert not torch.allclose(base, encoder(patch, phase, tempo, torch.ones(1), told)[1])
    deaf = encoder(patch, phase, tempo, torch.zeros(1), condition)[1]
    torch.testing.assert_close(
        deaf, encoder(torch.randn_like(patch), phase, tempo, torch.zeros(1), condition)[1]
    )
