"""The framework: issues and links, the registry, reading sets, reports, the catalogue."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from beatheritage.errors import InputError
from beatheritage.osu.archive import write_archive
from beatheritage.osu.beatmap import HitSound, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write
from beatheritage.review import mapset as reading
from beatheritage.review.catalogue import flags, page, threshold
from beatheritage.review.issue import (
    Finding,
    Group,
    Scope,
    Severity,
    combo_numbers,
    edit_link,
    stamp,
)
from beatheritage.review.mapset import read_map, read_subject
from beatheritage.review.registry import RULES
from beatheritage.review.report import Report, as_json, text_lines
from beatheritage.review.review import review_map, review_set
from beatheritage.review.rule import ALL_MODES, MapRule, SetRule
from beatheritage.review.subject import MapSubject
from tests.review.maps import BEAT, circle, clean_map, mapset, slider, subject

DOCS = Path(__file__).parents[2] / "docs" / "checks.md"
CORPUS_SET_SECONDS = 1.0


@pytest.mark.parametrize(
    ("moment", "text"),
    [(0, "00:00:000"), (12_345, "00:12:345"), (12_344.6, "00:12:345"), (6_000_000, "100:00:000")],
)
def test_stamps(moment, text):
    assert stamp(moment) == text


def test_links():
    assert edit_link(12_345, ["1", "2"]) == "osu://edit/00:12:345 (1,2)"
    assert edit_link(0) == "osu://edit/00:00:000"


def test_combo_numbers():
    objects = (circle(0), circle(1), circle(2, new_combo=True), circle(3))
    assert combo_numbers(objects) == [1, 2, 1, 2]


def one_rule(severity: Severity, **more) -> MapRule:
    def everywhere(judged: MapSubject):
        yield Finding(severity=severity, message="here", objects=(1,))

    given = {"name": "Here", "group": Group.COMPOSE, "severities": (severity,), "sources": ("us",)}
    return MapRule(**(given | more), judge=everywhere)


def test_an_issue_has_all_that_an_editor_needs():
    judged = subject(circle(0), circle(12_345))
    (issue,) = review_map(judged, rules=(one_rule(Severity.PROBLEM),))
    assert issue.time == 12_345
    assert issue.link == "osu://edit/00:12:345 (2)"
    assert (issue.rule, issue.difficulty, issue.objects) == ("Here", "Hard", (1,))


def test_mania_names_its_notes_by_time_and_column():
    judged = subject(circle(0, 64), circle(500, 448), mode=Mode.MANIA, circle_size=4)
    (issue,) = review_map(judged, rules=(one_rule(Severity.MINOR),))
    assert issue.link == "osu://edit/00:00:500 (500|3)"


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(
    ("about", "eases"),
    [
        ({}, False),
        ({"scope": Scope.SET}, False),
        ({"scope": Scope.SET, "completeness": True}, True),
        ({"scope": Scope.MATERIAL}, True),
    ],
)
def test_what_waits_for_submission(severity, about, eases):
    rules = (one_rule(severity, **about),)
    judged = mapset(subject(circle(0), circle(1)))
    (now,) = review_set(judged, rules=rules)
    (then,) = review_set(judged, rules=rules, for_submission=True)
    assert then.severity is severity
    assert now.severity is (min(severity, Severity.WARNING) if eases else severity)


def test_modes_are_chosen():
    maps = [subject(circle(0), circle(1), mode=mode) for mode in Mode]
    only = frozenset([Mode.TAIKO])
    (issue,) = review_set(mapset(*maps), rules=(one_rule(Severity.MINOR),), modes=only)
    assert issue.rule == "Here"
    rule = one_rule(Severity.MINOR, modes=frozenset([Mode.CATCH, Mode.MANIA]))
    assert len(review_set(mapset(*maps), rules=(rule,))) == 2


def test_names_are_of_one_rule_each():
    # A name may stand in several modes, for mappers know it there, but in each only once.
    seen = [(rule.name, mode) for rule in RULES for mode in rule.modes]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{min(rule.modes).name}")
def test_rules_say_what_they_do(rule):
    assert flags(rule).endswith(".")
    assert rule.severities
    assert rule.sources
    assert rule.modes <= ALL_MODES
    for name in rule.thresholds:
        assert threshold(rule, name) is not None
    assert isinstance(rule, SetRule) or rule.scope is not Scope.SET


def test_the_page_is_that_of_the_code():
    assert DOCS.read_text("utf-8") == page(), (
        "python -m beatheritage.review.catalogue -o docs/checks.md"
    )


def test_a_clean_map_has_no_problem():
    problems = [one for one in review_map(clean_map()) if one.severity is Severity.PROBLEM]
    assert problems == []


@pytest.mark.parametrize("mode", Mode)
def test_maps_of_nothing_are_judged(mode):
    for lines in ((), (RedLine(time=0, beat_length=BEAT),)):
        issues = review_map(subject(mode=mode, lines=lines))
        assert "EmptyDifficultyFile" in {issue.rule for issue in issues}


def test_a_set_is_the_same_in_a_folder_and_in_an_archive(tmp_path):
    one = clean_map().beatmap
    other = replace(one, metadata=replace(one.metadata, version="Other", artist="X"))
    name = "A - B (C) [{}].osu"
    files = {
        name.format("Hard"): write(one).encode(),
        name.format("Other"): write(other).encode(),
        "unused.txt": b"x",
    }
    folder = tmp_path / "set"
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_bytes(data)
    write_archive(tmp_path / "set.osz", files)
    from_folder = review_set(read_subject(folder))
    assert from_folder == review_set(read_subject(tmp_path / "set.osz"))
    rules = {issue.rule for issue in from_folder}
    assert {"InconsistentMetadata", "UnusedFiles", "MultipleAudio", "BgPresence"} <= rules
    alone = review_set(read_subject(folder / name.format("Hard")))
    assert not {"UnusedFiles", "MultipleAudio", "BgPresence"} & {issue.rule for issue in alone}


def test_what_cannot_be_read(tmp_path):
    for path, content in (("a.osu", b"rubbish"), ("b.osz", b"rubbish")):
        (tmp_path / path).write_bytes(content)
        with pytest.raises(InputError):
            read_subject(tmp_path / path)
    (tmp_path / "folder").mkdir()
    for path in ("none.osu", "none.osz", "folder"):
        with pytest.raises(InputError):
            read_subject(tmp_path / path)
    write_archive(tmp_path / "empty.osz", {"audio.mp3": b"x"})
    with pytest.raises(InputError, match=r"holds no \.osu file"):
        read_subject(tmp_path / "empty.osz")


@pytest.mark.parametrize(
    ("limit", "count", "line"),
    [
        ("MAX_LINES", 12, "1,1,{},1,0\n"),
        ("MAX_OBJECTS", 10, "1,1,{},1,0\n"),
        ("MAX_EDGES", 1000, "1,1,{},2,0,L|9:9,99,10\n"),
        ("MAX_NODES", 20, "1,1,{},2,0,B|9:9|8:8,1,10\n"),
        ("MAX_SLIDER_NODES", 2, "1,1,{},2,0,B|9:9|8:8,1,10\n"),
    ],
)
def test_maps_made_to_do_harm_are_refused(monkeypatch, limit, count, line):
    lines = "".join(line.format(index) for index in range(10))
    data = f"osu file format v14\n[HitObjects]\n{lines}".encode()
    monkeypatch.setattr(reading, limit, count)
    assert len(read_map(data).objects) == 10
    monkeypatch.setattr(reading, limit, count - 1)
    with pytest.raises(InputError, match=f"has {count} .*the most are {count - 1}"):
        read_map(data)


def test_a_set_of_too_many_objects_is_refused(monkeypatch, tmp_path):
    data = write(subject(circle(0), circle(500)).beatmap).encode()
    write_archive(tmp_path / "set.osz", {f"{index}.osu": data for index in range(3)})
    monkeypatch.setattr(reading, "MAX_SET_OBJECTS", 6)
    assert len(read_subject(tmp_path / "set.osz").maps) == 3
    monkeypatch.setattr(reading, "MAX_SET_OBJECTS", 5)
    with pytest.raises(InputError, match=r"set\.osz: has 6 objects; the most are 5"):
        read_subject(tmp_path / "set.osz")


def test_a_file_of_millions_of_lines_is_refused_at_once():
    data = b"osu file format v14\n[HitObjects]\n" + b"1,1,1,1,0\n" * 2_000_000
    began = time.process_time()
    with pytest.raises(InputError, match="lines"):
        read_map(data)
    assert time.process_time() - began < 1


def test_no_numbers_are_no_harm():
    text = "osu file format v14\n[TimingPoints]\nnan,nan,4,1,0,nan,1,0\n[HitObjects]\nnan,1,1,1,0\n"
    judged = read_map(text.encode())
    assert judged.objects == ()
    assert {"FirstLine", "EmptyDifficultyFile"} <= {issue.rule for issue in review_map(judged)}


def test_reports():
    found = review_map(subject(circle(0), circle(12_345)), rules=(one_rule(Severity.PROBLEM),))
    report = Report(path="map.osu", issues=tuple(found * 7))
    assert report.has_problems
    lines = list(text_lines(report))
    assert lines[0] == "map.osu: 7 problems"
    assert lines[2] == "[Hard]"
    assert lines[3].endswith("Here: here  osu://edit/00:12:345 (2)")
    assert "and 2 more" in lines[-1]
    minors = Report(path="map.osu", issues=(replace(found[0], severity=Severity.MINOR),))
    assert minors.at_least(Severity.WARNING).issues == ()
    assert not minors.has_problems
    assert list(text_lines(Report(path="a", issues=()))) == ["a: no issues"]
    (plain,) = as_json(minors)["issues"]
    assert plain["severity"] == "minor"
    assert plain["link"] == found[0].link


def seconds_of_a_set(attempt: int) -> float:
    """Of work, for eight difficulties that no one has looked at before."""
    objects = [
        circle(index * BEAT / 4, index * 37 % 512, index * 53 % 384, sound=HitSound.CLAP)
        if index % 3
        else slider(index * BEAT / 4, 20 + attempt, x=index * 37 % 480, y=index * 53 % 384)
        for index in range(900)
    ]
    data = write(subject(*objects).beatmap).encode()
    began = time.process_time()
    review_set(mapset(*(read_map(data) for _ in range(8))))
    return time.process_time() - began


def test_eight_difficulties_in_a_second():
    # The best of three: others on the machine slow the work itself down.
    assert min(map(seconds_of_a_set, range(3))) < CORPUS_SET_SECONDS
