"""Counting what the rules flag: over maps made here, and over the corpus where it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.evaluate.results import human_map

from beatheritage.dataset.catalogue import ChartFile, load_corpus
from beatheritage.evaluate.control import CORPUS, count_flags, show, summary
from beatheritage.osu.beatmap import Beatmap, Circle
from beatheritage.osu.write import write
from beatheritage.review.control import MAPS, Flag, read_flags

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def chart(name: str, beatmap: Beatmap, number: int) -> ChartFile:
    beatmap = replace(beatmap, metadata=replace(beatmap.metadata, beatmap_id=number))
    return ChartFile(name=f"corpus/{name}.osu", content=write(beatmap).encode())


def unsnapped() -> Beatmap:
    human = human_map()
    return replace(human, objects=(*human.objects, Circle(time=9003, x=0, y=0)))


def test_flags_of_maps_with_an_id():
    charts = [chart("a", unsnapped(), 7), chart("b", unsnapped(), 0), chart("c", human_map(), 8)]
    known = Flag(
        rule="Unsnaps", mode="std", beatmap_id=7, md5="a", verdict="fault", reason="single"
    )
    flags, maps = count_flags(charts, [known])
    assert maps == [2, 0, 0, 0]
    assert [flag for flag in flags if flag.rule == "Unsnaps"] == [known]
    assert {flag.md5 for flag in flags} == {"a", "c"}
    assert any("Unsnaps: 1 flagged, 0 wrong, 0 to judge" in line for line in summary(flags, maps))


def test_places_are_shown_until_they_are_judged():
    charts = [chart("a", unsnapped(), 7)]
    flags, _ = count_flags(charts, [])
    text = "\n".join(show(charts, flags, "Unsnaps"))
    assert "3.0 ms after the nearest tick" in text
    assert "16: 0,0,9003" in text
    judged = [replace(flag, verdict="fault") for flag in flags]
    assert list(show(charts, judged, "Unsnaps")) == []


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / CORPUS).is_file(), reason="../shared/data is not here")
def test_the_corpus_is_flagged_as_the_page_says():
    flags, maps = count_flags(load_corpus(DATA / CORPUS), read_flags())
    assert tuple(maps) == MAPS
    assert set(flags) == set(read_flags())
