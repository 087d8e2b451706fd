"""beatheritage generate -i: what is asked, and what it comes to."""

import pytest

from beatheritage.cli import main
from beatheritage.commands.ask import DOWN, TOGGLE, UP, Menu, ask_one, ask_several, choose
from beatheritage.commands.interactive import MODELS, STYLES, interview, native_styles
from beatheritage.config import configure
from beatheritage.errors import OptionError
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request
from beatheritage.osu.mode import Mode


def typed(*answers):
    """Someone who types these, and then nothing more."""
    waiting = list(answers)

    def answer(question):
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    return answer


def test_models_stand_in_the_order_that_people_know():
    assert [each.model for each in MODELS] == [
        *("v28", "v29", "v30", "v31", "beatheritage_v1", "v32", "v32-mini", "")
    ]
    assert "Enhanced stability & quality" in MODELS[4].title


def test_a_checkpoint_is_asked_for_all_that_it_knows(capsys):
    answers = typed("a.mp3", "5", "4", "5.5", "7", "2015", "1003", "1, 6", "7", "2.5", "9")
    audio, words = interview(answers)
    request = configure(Request(), words=words)
    assert audio == "a.mp3"
    assert (request.model, request.mode, request.keys) == ("beatheritage_v1", Mode.MANIA, 7)
    assert (request.stars, request.seed, request.year, request.mapper) == (5.5, 9, 2015, 1003)
    assert request.descriptors == ("jump aim", "flow")
    assert request.unlike == ("clean",)
    assert request.ancestor.guidance == 2.5
    assert "the same again: beatheritage generate a.mp3" in capsys.readouterr().out


def test_what_is_usual_takes_enter_alone(capsys):
    _, words = interview(typed(*[""] * 6), "a.mp3")
    assert configure(Request(), words=words) == Request(mode=Mode.STD, stars=4.5)


def test_v30_is_asked_for_no_mode_and_no_style():
    _, words = interview(typed("3", "4", ""), "a.mp3")
    assert words == ["model=v30", "mode=std", "stars=4", "seed=0"]


def test_what_is_no_number_is_asked_for_again(capsys):
    _, words = interview(typed("9", "8", "x", "1", "many", "11", "3", "", ""), "a.mp3")
    assert "stars=3" in words
    said = capsys.readouterr().out
    assert "a number from 1 to 8" in said
    assert "a number from 0.5 to 10" in said


@pytest.mark.parametrize("mode", list(Mode))
def test_the_native_model_offers_what_it_can_do(mode, tmp_path):
    for word in native_styles(mode):
        asked = Request(audio=tmp_path / "a.mp3", mode=mode, descriptors=(word,))
        assert make_plan(asked).descriptors == (word,)


def test_answers_that_end_are_one_clear_line(monkeypatch, capsys):
    with pytest.raises(OptionError, match="nothing more was typed"):
        interview(typed("a.mp3"))
    assert main(["generate"]) == 1
    assert "no audio file was given" in capsys.readouterr().err


def test_numbers_choose_several_where_there_is_no_terminal(capsys):
    assert ask_several(typed("2, 3"), "which", ("a", "b", "c")) == ("b", "c")
    assert ask_several(typed("4", ""), "which", ("a", "b", "c")) == ()
    assert ask_one(typed("0", "2"), "which", ("a", "b"), 0) == 1


def test_arrows_choose_several(capsys):
    assert choose(STYLES, [TOGGLE, DOWN, DOWN, TOGGLE, "x", "done", TOGGLE]) == ("jump aim", "tech")
    menu = Menu(("a", "b"))
    for key in (UP, TOGGLE, DOWN):
        menu.press(key)
    assert menu.lines() == ["> [ ] a", "  [x] b"]
    menu.press(UP)
    menu.press(TOGGLE)
    assert not menu.chosen
