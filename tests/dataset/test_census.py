"""Songs are counted by kind and licence, charts by mode."""

import pytest

from beatheritage.dataset.census import LICENCES, count_charts, count_songs, licence_class
from beatheritage.dataset.prepare import Record
from beatheritage.dataset.split import validation_ids
from beatheritage.errors import InputError
from beatheritage.osu.mode import Mode

HEAD = "id,licence,kind,artist,title,seconds\n"
NONE = "no licence covers the song (ranked/commercial song redistributed)"


def manifest(folder, *rows):
    (folder / "manifest.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return folder


def record(song="osu_1", mode=Mode.STD, keys=0, *, validation=False, earlier=False):
    return Record(
        file="a.osu",
        source="a",
        song_id=song,
        kind="osu",
        mode=mode,
        keys=keys,
        stars=3.0,
        objects=50,
        validation=validation,
        earlier=earlier,
        on_grid=1.0,
        offset_ms=22.0,
        offset_sharpness=9.0,
        shift_ms=0,
    )


def test_songs_by_kind_and_licence(tmp_path):
    held = min(validation_ids())
    folder = manifest(
        tmp_path,
        f"tja_1,{NONE},tja,nobody one,t,100",
        f"{held},{NONE},osu,nobody two,t,50",
        f"osu_2,{NONE}; repository code: MIT,osu,nobody three,t,25",
        "osu_3,CC-BY-NC-4.0 (repo LICENCE.md),osu,nobody four,t,10",
    )
    found = [(one.kind, one.songs, one.held_out, one.seconds) for one in count_songs(folder)]
    assert found == [
        ("osu!", 2, 1, 75.0),
        ("osu!", 1, 0, 10.0),
        ("taiko simulators (.tja)", 1, 0, 100.0),
    ]


def test_code_under_a_licence_is_no_song_under_it():
    assert licence_class(f"{NONE}; repository code: MIT") == LICENCES[0][1]
    assert licence_class("MIT-style (debian copyright)") != LICENCES[0][1]


def test_news_are_not_put_into_any_class(tmp_path):
    with pytest.raises(InputError, match="no known class"):
        licence_class("WTFPL")
    with pytest.raises(InputError, match="no known kind"):
        count_songs(manifest(tmp_path, f"x_1,{NONE},arcade,a,t,1"))


def test_no_manifest_is_one_clear_line(tmp_path):
    with pytest.raises(InputError, match="no manifest"):
        count_songs(tmp_path)


def test_charts_by_mode_and_keys():
    found = count_charts(
        [
            record(),
            record(),
            record(""),
            record(validation=True),
            record(validation=True, earlier=True),
            record("osu_9", Mode.MANIA, 4),
            record("", Mode.MANIA, 7),
        ]
    )
    numbers = [
        (one.mode, one.keys, one.songs, one.heard, one.unheard, one.held_out) for one in found
    ]
    assert numbers == [
        (Mode.STD, 0, 1, 2, 1, 1),
        (Mode.MANIA, 4, 1, 1, 0, 0),
        (Mode.MANIA, 7, 0, 0, 1, 0),
    ]
