import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.errors import InputError, OutputError
from beatheritage.osu import archive as limits
from beatheritage.osu.archive import read_archive, safe_name, write_archive, write_file

FILES = {
    "a - b (c) [d].osu": b"osu file format v14\r\n",
    "audio.mp3": b"\xff" * 5000,
    "sb/x.png": b"",
}


@pytest.fixture
def osz(tmp_path):
    return tmp_path / "set.osz"


def zipped(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


class TestWriting:
    def test_what_was_written_is_read(self, osz):
        write_archive(osz, FILES)
        archive = read_archive(osz)
        assert {name: archive.read(name) for name in archive.names} == FILES
        assert dict(archive.beatmaps()) == {"a - b (c) [d].osu": b"osu file format v14\r\n"}

    def test_the_same_files_give_the_same_bytes(self, osz, tmp_path):
        other = tmp_path / "other.osz"
        write_archive(osz, FILES)
        write_archive(other, dict(reversed(FILES.items())))
        assert osz.read_bytes() == other.read_bytes()

    def test_nothing_else_is_left_beside_it(self, osz, tmp_path):
        write_archive(osz, FILES)
        assert list(tmp_path.iterdir()) == [osz]

    @pytest.mark.parametrize("name", ["../a", "/a", "C:/a", "a//b", "", "a\\..\\b"])
    def test_unsafe_names_are_refused(self, osz, name):
        with pytest.raises(OutputError, match="cannot hold"):
            write_archive(osz, {name: b""})
        assert not osz.exists()

    def test_names_that_differ_in_case_alone_are_refused(self, osz):
        with pytest.raises(OutputError, match="twice"):
            write_archive(osz, {"BG.jpg": b"", "bg.jpg": b""})


class TestWholeOrNotAtAll:
    def test_an_interruption_leaves_the_old_file(self, osz, tmp_path):
        osz.write_bytes(b"old")

        class Interrupting(dict):
            def __getitem__(self, name):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_archive(osz, Interrupting(FILES))
        assert osz.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [osz]

    def test_a_folder_that_does_not_exist(self, tmp_path):
        with pytest.raises(OutputError, match="No such file"):
            write_file(tmp_path / "none" / "a", b"")

    def test_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(OutputError, match="cannot be written"):
            write_file(tmp_path / "file" / "a", b"")


class TestReading:
    def test_names_are_known_before_anything_is_read(self, osz):
        assert read_archive(zipped(osz, FILES.items())).names == tuple(FILES)

    def test_a_missing_name(self, osz):
        with pytest.raises(InputError, match="has no file"):
            read_archive(zipped(osz, FILES.items())).read("none")

    def test_no_archive(self, osz):
        osz.write_bytes(b"PK nothing")
        with pytest.raises(InputError, match=r"no \.osz archive"):
            read_archive(osz)

    def test_no_file(self, osz):
        with pytest.raises(InputError, match="cannot be read"):
            read_archive(osz)

    def test_damaged_bytes(self, osz):
        with zipfile.ZipFile(osz, "w") as archive:
            archive.writestr("audio.mp3", b"music" * 100)
        osz.write_bytes(osz.read_bytes().replace(b"music", b"noise", 1))
        with pytest.raises(InputError, match="damaged"):
            read_archive(osz).read("audio.mp3")

    @pytest.mark.parametrize("name", ["../a.osu", "/etc/a", "a/../../b", "..\\a", "C:\\a", "\\a"])
    def test_paths_that_lead_out(self, osz, name):
        with pytest.raises(InputError, match="leads out"):
            read_archive(zipped(osz, [(name, b"")]))

    def test_links(self, osz):
        link = zipfile.ZipInfo("link.osu")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with pytest.raises(InputError, match="is a link"):
            read_archive(zipped(osz, [(link, b"/etc/passwd")]))

    @pytest.mark.parametrize("twin", ["a.osu", "A.OSU"])
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_twins(self, osz, twin):
        with pytest.raises(InputError, match="twice"):
            read_archive(zipped(osz, [("a.osu", b"1"), (twin, b"2")]))

    def test_a_bomb(self, osz):
        with pytest.raises(InputError, match="packed too well"):
            read_archive(zipped(osz, [("a.osu", bytes(8 << 20))]))

    def test_silence_packs_well_and_is_no_bomb(self, osz):
        assert read_archive(zipped(osz, [("a.wav", bytes(1 << 20))])).names

    @pytest.mark.parametrize(("count", "refused"), [(3, False), (4, True)])
    def test_too_many(self, osz, monkeypatch, count, refused):
        monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
        zipped(osz, [(f"{index}.osu", b"") for index in range(count)])
        if refused:
            with pytest.raises(InputError, match="more than 3 files"):
                read_archive(osz)
        else:
            assert len(read_archive(osz).names) == count

    @pytest.mark.parametrize(
        ("limit", "size"), [("MAX_ENTRY_BYTES", 100), ("MAX_TOTAL_BYTES", 150)]
    )
    def test_too_large(self, osz, monkeypatch, limit, size):
        monkeypatch.setattr(limits, limit, size)
        zipped(osz, [("a", bytes(size // 2)), ("b", bytes(size // 2))])
        assert read_archive(osz).names
        zipped(osz, [("a", bytes(size // 2)), ("b", bytes(size + 1))])
        with pytest.raises(InputError, match=r"too large|more than"):
            read_archive(osz)

    def test_a_size_that_lies(self, osz, monkeypatch):
        archive = read_archive(zipped(osz, [("a.osu", bytes(2000))]))
        monkeypatch.setattr(limits, "MAX_ENTRY_BYTES", 1999)
        with pytest.raises(InputError, match="too large"):
            archive.read("a.osu")


class TestSafeName:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ('a<b>:"/\\|?*c', "abc"),
            ("a. . ", "a"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("...", "_"),
            ("", "_"),
            ("日本 - é", "日本 - é"),
            ("a\x00\nb", "ab"),
            ("0\x85. ", "0"),
        ],
    )
    def test_names(self, text, name):
        assert safe_name(text) == name

    @given(st.text(), st.sampled_from(["", ".osu", ".osz"]))
    def test_every_text_becomes_a_name_that_can_be_written(self, text, suffix):
        name = safe_name(text, suffix)
        assert name.endswith(suffix)
        assert 0 < len(name.encode()) <= limits.MAX_NAME_BYTES
        assert safe_name(name.removesuffix(suffix), suffix) == name
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, b"")

    def test_the_suffix_survives_a_long_name(self):
        assert safe_name("日" * 200, ".osu").endswith("日.osu")
