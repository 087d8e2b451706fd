import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.evaluate.likeness.maps import beatmap, circle, slider
from tests.evaluate.results import human_map, subject

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.evaluate.blind import (
    Trial,
    blind_charts,
    blind_files,
    neutral,
    shown_map,
)
from beatheritage.evaluate.subjects import HumanChart
from beatheritage.osu.beatmap import Beatmap, Colour, EdgeSound, HitSound, Metadata, Sample
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write

TELLING = Metadata(
    title="Love", artist="Her", creator="BeatHeritage", version="Insane", tags=("ai",), beatmap_id=7
)


def told(one: Beatmap) -> Beatmap:
    """A map that says all over where it is from."""
    return replace(
        one,
        metadata=TELLING,
        combo_colours=(Colour(1, 2, 3),),
        objects=tuple(
            replace(item, sample=Sample(index=9, volume=33, filename="ours.wav"))
            for item in one.objects
        ),
    )


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    path = tmp_path_factory.mktemp("blind") / "osu_a" / "audio.ogg"
    path.parent.mkdir()
    samples = np.random.default_rng(0).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
    soundfile.write(path, samples, SAMPLE_RATE)
    first, second = (
        neutral(told(beatmap(*(circle(beat / 2, x) for beat in range(100)))), 1, version)
        for x, version in ((100, "A"), (300, "B"))
    )
    return Trial(
        number=1,
        chart="osu_a/1.osu [Hard]",
        song=Song(path=path, samples=samples),
        maps=(first, second),
        person="b",
    )


@pytest.fixture(scope="module")
def files(trial: Trial) -> dict[str, bytes]:
    return blind_files([trial])


def test_nothing_says_whose_a_map_is():
    one = told(beatmap(circle(0), slider(1)))
    other = beatmap(circle(0), slider(1))
    assert neutral(one, 3, "A") == neutral(other, 3, "A")
    text = write(neutral(one, 3, "A"))
    assert not [
        word for word in ("Her", "Love", "Heritage", "Insane", "ai\n", "ours") if word in text
    ]


def test_what_is_played_stays():
    one = replace(slider(1), edges=(EdgeSound(HitSound.CLAP, 2, 3), EdgeSound(HitSound.FINISH)))
    plain = neutral(beatmap(circle(0), one), 1, "A")
    assert [item.time for item in plain.objects] == [1000, 1400]
    assert plain.objects[1] == replace(
        one, edges=(EdgeSound(HitSound.CLAP), EdgeSound(HitSound.FINISH))
    )


def test_the_page_holds_no_key_and_fetches_nothing(files: dict[str, bytes]):
    page = files["index.html"].decode()
    assert "osu_a" not in page
    assert "Hard" not in page
    assert not re.search(r"(src|href)=|https?://|/\*TRIALS\*/", page)
    shown = json.loads(re.findall(r'json">(.*?)</script>', page)[0])
    assert set(shown["trials"][0]) == {"mode", "start", "sound", "a", "b"}


def test_the_key_is_of_this_page(files: dict[str, bytes]):
    key = json.loads(files["key.json"])
    assert key["trials"] == [
        {"number": 1, "person": "b", "song": "osu_a", "chart": "osu_a/1.osu [Hard]"}
    ]
    assert f'"id":"{key["id"]}"' in files["index.html"].decode()


def test_the_game_can_open_both(files: dict[str, bytes]):
    with zipfile.ZipFile(io.BytesIO(files["song 01.osz"])) as archive:
        maps = [
            parse(archive.read(name)).beatmap for name in archive.namelist() if name.endswith("u")
        ]
        assert "audio.ogg" in archive.namelist()
    assert [one.metadata.version for one in maps] == ["A", "B"]
    assert {one.general.audio_filename for one in maps} == {"audio.ogg"}


def test_a_stretch_holds_what_is_seen_of_it():
    shown = shown_map(beatmap(circle(0), slider(50), circle(52), circle(200)), start=21_000)
    assert [item["t"] for item in shown["objects"]] == [21_000, 21_800]
    body = shown["objects"][0]
    assert (body["p"][0], body["p"][-1]) == ((100.0, 100.0), (240.0, 100.0))
    assert (body["q"][0], body["q"][-1]) == ((21_000, 100.0), (21_400, 240.0))


def test_modes_take_turns_and_songs_come_once():
    std = [subject(f"osu_{number}") for number in range(3)]
    chart = HumanChart(name="t", beatmap=human_map(Mode.TAIKO), stars=2.0, keys=0)
    taiko = replace(subject("tja_a"), charts=(chart,))
    both = replace(std[0], charts=(*std[0].charts, chart))
    chosen = blind_charts([both, *std[1:], taiko], 4)
    assert [one.id for one, _ in chosen] == ["osu_0", "osu_1", "tja_a", "osu_2"]
    assert len(blind_charts(std, 2)) == 2


def test_the_page_is_part_of_the_package():
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert '"evaluate/*.html"' in pyproject
