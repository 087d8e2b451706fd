"""The reader on 876 real files, against what rosu-pp counts in them."""

from dataclasses import replace
from pathlib import Path

import pytest

from beatheritage.errors import InputError
from beatheritage.osu.conformance import Case, judge, main, read_cases, report
from beatheritage.osu.stars import Counts

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "conformance.tar.xz"
# Writing all of them takes half a minute; half of them are smaller than this.
REWRITTEN_BYTES = 8_000

GOOD = Case(name="good.osu", data=b"osu file format v14\n[HitObjects]\n1,2,3,1,0", is_accepted=True)


@pytest.fixture(scope="module")
def outcomes():
    if not ARCHIVE.exists():
        pytest.skip(f"{ARCHIVE.name} is not there: it stands in ../shared/data")
    cases = read_cases(ARCHIVE)
    return [judge(case, rewrites=len(case.data) < REWRITTEN_BYTES) for case in cases]


def test_every_file_is_read(outcomes):
    assert len(outcomes) == 876


def test_objects_are_those_that_rosu_counts(outcomes):
    counted = [outcome for outcome in outcomes if outcome.expected is not None]
    assert len(counted) > 800
    agreeing = [outcome for outcome in counted if outcome.agrees]
    assert len(agreeing) >= 0.99 * len(counted)


def test_small_files_are_the_same_after_writing(outcomes):
    assert [(outcome.name, outcome.unstable) for outcome in outcomes if outcome.unstable] == []


@pytest.mark.slow
def test_every_file_is_the_same_after_writing():
    if not ARCHIVE.exists():
        pytest.skip(f"{ARCHIVE.name} is not there: it stands in ../shared/data")
    assert [case.name for case in read_cases(ARCHIVE) if judge(case).unstable] == []


def test_a_disagreement_is_listed_with_its_reason():
    outcome = judge(Case(name="bad.osu", data=GOOD.data + b"\n1,2", is_accepted=True))
    assert outcome.agrees
    page = report([outcome, replace(outcome, expected=Counts(0, 1, 0, 0))])
    assert "1 of the 2 files" in page
    assert (
        "- `bad.osu`: circles, sliders, spinners, holds (1, 0, 0, 0), rosu-pp (0, 1, 0, 0);" in page
    )
    assert "; line 4: hit object left out" in page


def test_what_rosu_refuses_is_not_counted():
    outcome = judge(Case(name="odd.osu", data=GOOD.data, is_accepted=False))
    assert outcome.expected is None
    assert outcome.agrees


def test_an_archive_that_is_none_is_refused(tmp_path, capsys):
    (tmp_path / "a.tar").write_bytes(b"nothing")
    with pytest.raises(InputError):
        read_cases(tmp_path / "a.tar")
    assert main([str(tmp_path / "a.tar"), "-o", str(tmp_path / "page.md")]) == 1
    assert not (tmp_path / "page.md").exists()
    assert "is no readable .tar archive" in capsys.readouterr().err
