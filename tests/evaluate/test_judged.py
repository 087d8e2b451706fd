import csv
import tarfile
from dataclasses import replace
from pathlib import Path

from tests.evaluate.results import human_map

from beatheritage.evaluate.judged import CORPUS, MOST_PEOPLE, by_rule, judge, people_judged
from beatheritage.evaluate.shelf import Shelf
from beatheritage.osu.beatmap import Beatmap, Circle
from beatheritage.osu.write import write
from beatheritage.review.issue import Scope, Severity
from beatheritage.review.review import review_map
from beatheritage.review.subject import MapSubject

MAP = human_map()


def unsnapped() -> Beatmap:
    return replace(MAP, objects=(*MAP.objects, Circle(time=9003, x=0, y=0)))


def test_problems_by_rule_of_one_scope():
    issues = review_map(MapSubject(beatmap=unsnapped()))
    assert by_rule(issues, Severity.PROBLEM)["Unsnaps"] == 1
    assert "Unsnaps" not in by_rule(issues, Severity.WARNING)
    assert "Unsnaps" not in by_rule(issues, Severity.PROBLEM, Scope.SET)
    assert "Preview" in by_rule(issues, Severity.PROBLEM, Scope.SET)


def test_names_are_not_ours():
    named = replace(MAP, metadata=replace(MAP.metadata, artist="ä"))
    assert judge(MapSubject(beatmap=named)) == judge(MapSubject(beatmap=MAP))


def test_people_s_maps_with_an_id(tmp_path: Path):
    numbers = [0, *range(1, MOST_PEOPLE + 3)]
    folder = tmp_path / "osu_corpus"
    folder.mkdir()
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["md5", "artist", "paired_id"])
        rows.writeheader()
        rows.writerows({"md5": str(number), "artist": "Nobody"} for number in numbers)
    for number in numbers:
        made = replace(MAP, metadata=replace(MAP.metadata, beatmap_id=number))
        (folder / f"{number}.osu").write_text(write(made), encoding="utf-8")
    with tarfile.open(tmp_path / CORPUS, "w:xz") as archive:
        archive.add(folder, folder.name)
    shelf = Shelf(folder=tmp_path / "shelf", makers={"people": "now"})
    found = people_judged(tmp_path, shelf)
    assert found == (judge(MapSubject(beatmap=MAP)),) * MOST_PEOPLE
    assert people_judged(tmp_path, shelf) == found


def test_without_the_corpus_there_is_nobody(tmp_path: Path):
    assert people_judged(tmp_path, Shelf(folder=tmp_path, makers={"people": "now"})) == ()
