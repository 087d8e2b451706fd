"""The ancestors' data sets come in as song folders do, with what they know besides."""

import io
import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.dataset.test_build import built, chart, reasons, sound

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.dataset.content import read_content
from beatheritage.dataset.rows import SongRow
from beatheritage.dataset.shards import open_shards
from beatheritage.dataset.sources import survey
from beatheritage.errors import InputError


def wav(seed: int) -> bytes:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, sound(seed), SAMPLE_RATE, format="WAV")
    return file.getvalue()


def web_json(seed: int) -> bytes:
    row = {
        "beatmap_id": 70 + seed,
        "creator_id": 5,
        "submit_date": "2013-04-05 06:07:08",
        "content": chart(seed),
    }
    return json.dumps({"beatmaps": [row]}).encode()


def write_ors(root: Path) -> None:
    track = root / "Track00001"
    (track / "beatmaps").mkdir(parents=True)
    (track / "audio.wav").write_bytes(wav(1))
    (track / "beatmaps" / "000M000.osu").write_text(chart(1))
    (track / "beatmaps" / "unlisted.osu").write_text(chart(1, places=1))
    known = {"000M000": {"BeatmapId": 1, "StandardStarRating": {"0": 2.0}}}
    (track / "metadata.json").write_text(json.dumps({"Beatmaps": known}))
    (root / "Track00002").mkdir()


def write_mmrs(root: Path) -> None:
    folder = root / "data" / "set 1"
    folder.mkdir(parents=True)
    (folder / "song.wav").write_bytes(wav(1))
    (folder / "hit.wav").write_bytes(b"a sound of a hit")
    (folder / "a.osu").write_text(chart(1, audio="song.wav"))
    rows = [
        {
            "BeatmapSetId": 1,
            "Id": number,
            "BeatmapSetFolder": "set 1",
            "BeatmapFile": name,
            "AudioFile": "song.wav",
            "SubmittedDate": "2013-04-05",
            "UserId": 5,
            "OmdbTags": ["streams"],
        }
        for number, name in ((1, "a.osu"), (2, "gone.osu"))
    ]
    pq.write_table(pa.Table.from_pylist(rows), root / "metadata.parquet")


def write_tar(root: Path) -> None:
    root.mkdir()
    with tarfile.open(root / "shard-0.tar", "w") as archive:
        for name, data in (("7.json", web_json(1)), ("7.opus", wav(1)), ("8.json", b"{")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (root / "shard-1.tar").write_bytes(b"no tar")


def write_parquet(root: Path) -> None:
    root.mkdir()
    rows = [
        {"json": web_json(seed).decode(), "opus": {"bytes": wav(seed), "path": f"{seed}.opus"}}
        for seed in (1, 2)
    ]
    pq.write_table(pa.Table.from_pylist(rows), root / "shard-0.parquet", row_group_size=1)


WRITERS = {"ors": write_ors, "mmrs": write_mmrs, "tar": write_tar, "parquet": write_parquet}


def first_row(tmp_path: Path, layout: str) -> tuple[SongRow, dict[str, str]]:
    WRITERS[layout](tmp_path / layout)
    result = built(tmp_path / "shards", tmp_path / layout, held_out=0.0)
    return next(open_shards(tmp_path / "shards").rows("training")), reasons(result)


@pytest.mark.parametrize(
    ("layout", "chart_name", "lost"),
    [
        (
            "ors",
            "ors/Track00001/000M000.osu [Normal]",
            {"ors/Track00002": "no metadata.json to read"},
        ),
        ("mmrs", "mmrs/set 1/a.osu [Normal]", {"mmrs/set 1/gone.osu": "no such file"}),
        (
            "tar",
            "tar/shard-0.tar/7/71.osu [Normal]",
            {
                "tar/shard-0.tar/8": "no list of charts to read",
                "tar/shard-1.tar": "no shard, or a damaged one",
            },
        ),
        ("parquet", "parquet/shard-0.parquet/0-0/71.osu [Normal]", {}),
    ],
)
def test_a_song_comes_in_from_every_layout(
    tmp_path: Path, layout: str, chart_name: str, lost: dict[str, str]
):
    row, told = first_row(tmp_path, layout)
    assert row.audio == wav(1)
    assert [one.name for one in row.charts] == [chart_name]
    assert told == lost
    if layout != "ors":
        assert (row.charts[0].mapper, row.charts[0].year) == (5, 2013)
    assert row.charts[0].descriptors == (("streams",) if layout == "mmrs" else ())


def test_a_row_of_a_shard_is_read_from_its_own_row_group(tmp_path: Path):
    write_parquet(tmp_path / "parquet")
    bundles = survey([tmp_path / "parquet"]).bundles
    assert [read_content(one.sounds[0].content) for one in bundles] == [wav(1), wav(2)]


def test_a_table_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "mmrs").mkdir()
    (tmp_path / "mmrs" / "metadata.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match="no table of beatmap sets"):
        survey([tmp_path / "mmrs"])
