"""The command: what it takes, what it refuses, what it lays down and tells."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.test_cli import DEMO, folder, refused  # noqa: F401  (a fixture)

from beatheritage.cli import Parser, main
from beatheritage.commands import spread
from beatheritage.commands.generate import hear
from beatheritage.commands.spread import add_arguments, read_request
from beatheritage.generate.nesting import nested_share
from beatheritage.generate.spread import write_spread
from beatheritage.generate.spread_plan import ALONE, check_spread, spread_plans
from beatheritage.osu.archive import read_archive
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.progress import ignore
from beatheritage.review.issue import Scope, Severity
from beatheritage.review.mapset import read_subject
from beatheritage.review.review import review_set
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of

LEAST_NESTED = 0.9
# Of the second difficulty, in the first's; what it ought to cost, and does, is in docs/quality.md.
MOST_COST = 1.1


def request_of(*words):
    parser = Parser()
    add_arguments(parser)
    return read_request(parser.parse_intermixed_args([str(DEMO), *words]))


def test_what_is_said_is_understood():
    said = request_of("--modes", "std,taiko", "--stars", "1.5,3", "--seed", "4", "style.spacing=1")
    assert said.modes == (Mode.STD, Mode.TAIKO)
    assert said.stars == (1.5, 3.0)
    assert said.levels == ()
    assert (said.base.seed, said.base.style.spacing, said.base.stars) == (4, 1.0, None)
    assert request_of("modes=std,taiko", "stars=1.5,3", "seed=4", "style.spacing=1") == said
    assert request_of("--mode", "mania", "--keys", "7").base.keys == 7


def test_what_help_leaves_out_is_what_is_refused():
    assert {flag.removeprefix("--") for flag in spread.ALONE} == set(ALONE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["missing.mp3"], "missing.mp3: there is no such file"),
        (
            [DEMO, "--difficulties", "easy,insnae"],
            "no difficulty 'insnae' (did you mean 'insane'?)",
        ),
        ([DEMO, "--stars", "2,1"], "stars must rise, but 1 comes after 2"),
        ([DEMO, "--stars", "2,2"], "stars must rise, but 2 comes after 2"),
        ([DEMO, "--stars", "2,many"], "stars must be numbers"),
        ([DEMO, "--stars", "2", "--difficulties", "easy"], "difficulties and stars"),
        ([DEMO, "--mode", "std", "--modes", "taiko"], "mode and modes"),
        ([DEMO, "--modes", "std,dance"], "there is no mode 'dance'"),
        ([DEMO, "--keys", "4"], "keys is for mania alone"),
        ([DEMO, "--stars", ",".join(str(1 + n / 4) for n in range(17))], "17 difficulties"),
        ([DEMO, "--within", "a.osu", "--start", "0", "--end", "9"], "within is about one"),
        ([DEMO, "--version", "Mine"], "version is about one difficulty"),
        ([DEMO, "temprature=1"], "did you mean 'sampling.temperature'?"),
    ],
)
def test_bad_options(words, told, capsys, folder):  # noqa: F811
    assert told in refused(capsys, folder, "spread", *words)


def test_an_output_that_exists(capsys, folder):  # noqa: F811
    made = folder / "out" / "BeatHeritage - First Light.osz"
    made.parent.mkdir()
    made.write_bytes(b"a map")
    assert "--overwrite" in refused(capsys, folder, "spread", DEMO)


def test_ctrl_c(capsys, folder, monkeypatch):  # noqa: F811
    def interrupt(_listener, _number, _share, _sketch=None):
        raise KeyboardInterrupt

    # What is told of the first window of a difficulty, in whatever thread it is written.
    monkeypatch.setattr("beatheritage.generate.spread.Listener._tell", interrupt)
    words = ["--quiet", "--difficulties", "easy", "--modes", "std,taiko"]
    assert main(["spread", str(DEMO), *words]) == 130
    assert "stopped" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", Mode)
def test_a_complete_set_of_the_demo(mode, capsys, folder):  # noqa: F811
    assert main(["spread", str(DEMO), "--mode", mode.name.lower(), "--json", "--quiet"]) == 0
    result = json.loads(capsys.readouterr().out)
    difficulties = result["difficulties"]
    assert len(difficulties) == 4
    assert all(abs(each["stars"] - each["stars_asked"]) <= 0.3 for each in difficulties)
    assert result["warnings"] == []
    assert all(each["warnings"] == [] for each in difficulties)
    path = Path(result["files"][0])
    found = review_set(read_subject(path), for_submission=True)
    wrong = [one for one in found if one.severity is Severity.PROBLEM]
    assert [one for one in wrong if one.scope is not Scope.MATERIAL] == []
    by_name = {name: parse(data).beatmap for name, data in read_archive(path).beatmaps()}
    maps = {one.metadata.version: one for one in by_name.values()}
    drafts = [
        draft_of(maps[each["version"]], Timing(lines=maps[each["version"]].red_lines))
        for each in difficulties
    ]
    for lower, higher in pairwise(drafts):
        assert nested_share(lower, higher) >= LEAST_NESTED
        assert len(lower.events) < len(higher.events)


@pytest.mark.slow
@pytest.mark.parametrize("mode", Mode)
def test_a_second_difficulty_shares_the_work_of_the_first(mode):
    """All that comes before the first counts as its cost: the second shares it."""

    def cost(*words):
        began = time.process_time()
        request = request_of("--mode", mode.name.lower(), *words)
        heard, models = hear(check_spread(request), ignore)
        plans = spread_plans(request, duration=heard.song.duration, tags=heard.song.tags)
        write_spread(heard, plans, models)
        return time.process_time() - began

    cost("--difficulties", "insane")  # what is only done once at all, such as imports
    first = cost("--difficulties", "insane")
    assert cost("--difficulties", "hard,insane") - first <= MOST_COST * first
