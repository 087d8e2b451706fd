"""What fine-tuning reaches: who counts as a mapper, what is left out of the base, what is told."""

import csv
import datetime
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from tests.train.learners import circles  # noqa: E402

from beatheritage.dataset.catalogue import ChartFile  # noqa: E402
from beatheritage.evaluate import finetuning  # noqa: E402
from beatheritage.evaluate.distance import CORPORA  # noqa: E402
from beatheritage.evaluate.finetuning import Brought, mappers_of, section  # noqa: E402
from beatheritage.osu.beatmap import CurveKind, HitObject, Point, Slider  # noqa: E402
from beatheritage.osu.write import write  # noqa: E402
from beatheritage.train.placer_data import build, cache_name  # noqa: E402

DAY = datetime.date(2026, 1, 1)


def chart(seed: int, creator: str, version: str = "Hard") -> ChartFile:
    made, rng = circles(seed), np.random.default_rng(seed)
    metadata = replace(made.metadata, artist=f"artist {seed}", creator=creator, version=version)
    objects = tuple(bent(each, rng) for each in made.objects)
    text = write(replace(made, metadata=metadata, objects=objects))
    return ChartFile(name=f"{seed}.osu", content=text.encode())


def bent(item: HitObject, rng: np.random.Generator) -> HitObject:
    """A slider with a curve, for shapes to be learnt from."""
    if not isinstance(item, Slider):
        return item
    end = Point(item.x + 40, item.y + int(rng.integers(40)))
    middle = Point(item.x + 20, item.y + int(rng.integers(-30, 30)))
    return replace(item, kind=CurveKind.BEZIER, points=(middle, end))


def charts(count: int, creator: str, first: int = 0) -> list[ChartFile]:
    return [chart(seed, creator) for seed in range(first, first + count)]


@pytest.mark.parametrize(("count", "is_there"), [(9, False), (10, True)])
def test_a_mapper_has_ten_maps(count: int, is_there: bool):
    assert ("ann" in mappers_of(charts(count, "Ann"))) is is_there


def test_near_twins_count_once():
    nine = charts(9, "Ann")
    assert mappers_of([*nine, replace(nine[0], name="again.osu")]) == {}


def test_a_guest_s_map_is_the_guest_s():
    files = [*charts(9, "Ann"), chart(20, "Bob", version="Ann's Insane")]
    (learnt, held) = mappers_of(files)["ann"]
    assert len(learnt) + len(held) == 10
    assert not {each.song for each in learnt} & {each.song for each in held}
    assert mappers_of([*charts(9, "Ann"), chart(20, "Ann", version="Bob's Insane")]) == {}


def test_the_base_learns_nothing_of_those_left_out():
    files = [*charts(3, "Ann"), *charts(2, "Bob", first=10)]
    whole, _ = build(files, seed=0)
    some, _ = build(files, seed=0, leave_out=frozenset({"ann"}))
    bobs, _ = build(files[3:], seed=0)
    assert (len(whole.starts), len(some.starts)) == (6, 3)
    assert some.heads.tobytes() == bobs.heads.tobytes()
    assert len({cache_name(()), cache_name({"ann"}), cache_name({"bob"})}) == 3


def brought(change: float, mapper: str = "ann") -> Brought:
    return Brought(
        mapper=mapper,
        learnt=20,
        held=4,
        songs=4,
        before=(1.0, 1.0),
        after=(1.0 + change, 1.0 + change),
        own=0.1,
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((-0.5, -0.5, -0.25), "**not reached**"),
        ((-0.5, -0.5, -0.5), "people, reached."),
        ((-0.5, -0.5, -0.25, -0.75), "for 3 of 4"),
    ],
)
def test_three_people_must_come_nearer(changes: tuple[float, ...], told: str):
    found = [brought(change, f"mapper {n}") for n, change in enumerate(changes)]
    assert told in section(found, 10, [], DAY).replace("\n", " ")


def test_a_program_is_named_and_is_nobody():
    (program,) = finetuning.PROGRAMS
    told = section([brought(-0.9, program)], 10, [], DAY)
    assert f"{program} (a program)" in told
    assert "for 0 of 0" in told.replace("\n", " ")


@pytest.mark.slow
def test_the_whole_way_on_made_up_corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = tmp_path / "data"
    data.mkdir()
    files = [*charts(10, "Ann"), *charts(6, "Bob", first=30)]
    for name, some in zip(CORPORA, (files[::2], files[1::2]), strict=True):
        pack(data / name, some)
    document = tmp_path / "training.md"
    document.write_text("# Training\n", "utf-8")
    few = ["placer.steps=2", "placer.batch=2"]
    words = [*few, "--data", str(data), "--run", str(tmp_path / "run"), "--steps", "2"]
    monkeypatch.setattr("sys.argv", ["finetuning", *words, "--output", str(document)])
    finetuning.main()
    told = document.read_text("utf-8")
    assert told.startswith("# Training\n")
    assert "| ann | 6 | 4 | 4 |" in told
    finetuning.main()
    assert document.read_text("utf-8") == told


def pack(path: Path, files: list[ChartFile]) -> None:
    """A corpus as the real ones are: a tar with a manifest."""
    rows = io.StringIO()
    table = csv.DictWriter(rows, ["md5", "paired_id", "artist"])
    table.writeheader()
    with tarfile.open(path, "w:xz") as archive:
        for number, file in enumerate(files):
            name = f"{path.name[:11]}{number}"
            table.writerow({"md5": name, "paired_id": "", "artist": f"artist {name}"})
            add(archive, f"{name}.osu", file.data)
        add(archive, "manifest.csv", rows.getvalue().encode())


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
