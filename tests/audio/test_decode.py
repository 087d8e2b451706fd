"""Every codec gives the same samples at the same place; every bad file one clear line."""

import io
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from beatheritage.audio.container import MP3_DELAY_MS, identify, inspect, tag_length
from beatheritage.audio.decode import MISSING_S, SHORTEST_S, read_song
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.errors import InputError

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no ffmpeg")
RATE = 48_000
CODECS = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "vorbis": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
}


def music(seconds: float = 6.0, rate: int = RATE) -> np.ndarray:
    """A chord that swells, with bursts of noise: something every codec keeps."""
    at = np.arange(int(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hz * at) for hz in (220, 277, 330, 1760))
    bursts = np.random.default_rng(3).standard_normal(len(at)) * (at % 0.5 < 0.03)
    return (0.1 * chord + 0.3 * bursts).astype(np.float32)


def write_audio(path: Path, samples: np.ndarray, codec: str, rate: int = RATE) -> Path:
    kind, subtype = CODECS[codec]
    soundfile.write(path, samples, rate, format=kind, subtype=subtype)
    return path


def without_lame_header(data: bytes) -> bytes:
    """The MP3 without its first frame, which holds nothing but the header."""
    second = data.index(b"\xff\xfb", 4)
    return data[second:]


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_plays_at_the_same_place(codec, tmp_path):
    wav = read_song(write_audio(tmp_path / "a.wav", music(), "wav"))
    song = read_song(write_audio(tmp_path / "a.bin", music(), codec))
    assert song.codec == codec
    assert song.samples.dtype == np.float32
    assert abs(len(song.samples) - 6 * SAMPLE_RATE) <= 1
    assert not song.warnings
    assert lag(wav.samples, song.samples) == 0


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.mp4", "a.webm"])
def test_what_ffmpeg_decodes_plays_at_the_same_place(name, tmp_path):
    wav = write_audio(tmp_path / "a.wav", music(), "wav")
    song = read_song(by_ffmpeg(wav, tmp_path / name))
    assert abs(song.duration - 6_000) < 100
    assert abs(lag(read_song(wav).samples, song.samples)) <= 1


@needs_ffmpeg
def test_a_film_that_outlasts_its_sound(tmp_path):
    wav = write_audio(tmp_path / "a.wav", music(), "wav")
    film = ["-f", "lavfi", "-i", "color=black:s=64x64:r=5:d=9"]
    assert read_song(by_ffmpeg(wav, tmp_path / "a.mp4", *film)).duration < 7_000
    with pytest.raises(InputError, match=r"silent\.mp4: holds no sound"):
        read_song(by_ffmpeg(wav, tmp_path / "silent.mp4", *film, "-map", "1:v"))


@needs_ffmpeg
def test_what_ffmpeg_decodes_and_was_cut_short(tmp_path):
    wav = write_audio(tmp_path / "a.wav", music(20), "wav")
    path = by_ffmpeg(wav, tmp_path / "a.m4a", "-movflags", "+faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"where its header promises 20\.\d s"):
        read_song(path)


def by_ffmpeg(wav: Path, path: Path, *options: str) -> Path:
    words = ["ffmpeg", "-v", "error", "-i", str(wav), *options, str(path)]
    subprocess.run(words, check=True)
    return path


def lag(first: np.ndarray, second: np.ndarray) -> int:
    """Samples by which the second is late."""
    size = 1 << 18
    product = np.fft.rfft(first, size).conj() * np.fft.rfft(second, size)
    peak = int(np.argmax(np.fft.irfft(product)))
    return peak if peak < size // 2 else peak - size


def test_stereo_and_other_rates_come_out_alike(tmp_path):
    mono = read_song(write_audio(tmp_path / "m.wav", music(), "wav"))
    both = np.stack([music(rate=44_100)] * 2, axis=1)
    stereo = read_song(write_audio(tmp_path / "s.wav", both, "wav", 44_100))
    assert stereo.samples.ndim == 1
    assert lag(mono.samples, stereo.samples) == 0


def test_an_mp3_without_its_header_is_late_and_warned_of(tmp_path):
    whole = write_audio(tmp_path / "a.mp3", music(rate=44_100), "mp3", 44_100)
    bare = tmp_path / "b.mp3"
    bare.write_bytes(without_lame_header(whole.read_bytes()))
    late = read_song(bare)
    assert "LAME header" in late.warnings[0]
    delay = lag(read_song(whole).samples, late.samples) * 1000 / SAMPLE_RATE
    assert delay == pytest.approx(MP3_DELAY_MS, abs=0.1)


def test_id3_before_the_frames_hides_no_header(tmp_path):
    whole = write_audio(tmp_path / "a.mp3", music(rate=44_100), "mp3", 44_100).read_bytes()
    body = bytes(70_000)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    tagged = tmp_path / "b.mp3"
    tagged.write_bytes(b"ID3\x03\x00\x00" + size + body + whole)
    assert inspect(tagged).delay_known
    assert identify(tagged.read_bytes()) == inspect(tagged)
    assert tag_length(tagged.read_bytes()) > 0


@pytest.mark.parametrize("codec", ["wav", "flac", "mp3"])
def test_a_file_cut_short_is_refused(codec, tmp_path):
    whole = write_audio(tmp_path / "a.bin", music(12), codec).read_bytes()
    cut = tmp_path / "cut.bin"
    cut.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(InputError, match=r"promises|breaks off"):
        read_song(cut)


@pytest.mark.parametrize(
    ("missing", "refused"), [(MISSING_S - 0.01, False), (MISSING_S + 0.01, True)]
)
def test_how_much_may_be_missing(missing, refused, tmp_path):
    whole = write_audio(tmp_path / "a.wav", music(8), "wav").read_bytes()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[: len(whole) - 2 * round(missing * RATE)])
    if refused:
        with pytest.raises(InputError, match="promises"):
            read_song(cut)
    else:
        read_song(cut)


@pytest.mark.parametrize(("seconds", "refused"), [(SHORTEST_S - 0.01, True), (SHORTEST_S, False)])
def test_the_shortest_song(seconds, refused, tmp_path):
    path = write_audio(tmp_path / "a.wav", music(seconds), "wav")
    if refused:
        with pytest.raises(InputError, match="needs at least"):
            read_song(path)
    else:
        read_song(path)


@pytest.mark.parametrize(("minutes", "refused"), [(30, False), (30.01, True)])
def test_the_longest_song(minutes, refused, tmp_path):
    rate = 1000
    path = tmp_path / "a.wav"
    soundfile.write(
        path, np.tile(music(6, rate), round(minutes * 10) + 1)[: int(minutes * 60 * rate)], rate
    )
    if refused:
        with pytest.raises(InputError, match="30 minutes"):
            read_song(path)
    else:
        read_song(path)


def test_silence_is_refused(tmp_path):
    with pytest.raises(InputError, match="silent"):
        read_song(write_audio(tmp_path / "a.wav", np.zeros(6 * RATE, np.float32), "wav"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no audio"), (b"osu file format v14\n" * 99, "no audio"), (bytes(4000), "no audio")],
)
def test_what_is_no_audio_is_refused(content, says, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_song(path)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.mp3: there is no such file"):
        read_song(tmp_path / "nowhere.mp3")
    with pytest.raises(InputError, match="folder"):
        read_song(tmp_path)


def test_m4a_asks_for_ffmpeg_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "song.m4a"
    path.write_bytes(struct.pack(">I", 32) + b"ftypM4A " + bytes(500))
    with pytest.raises(InputError, match="only ffmpeg"):
        read_song(path)


def opus_with_gap(tmp_path: Path) -> Path:
    """An Ogg Opus file from which a page in the middle was lost."""
    data = write_audio(tmp_path / "a.opus", music(20), "opus").read_bytes()
    pages, at = [], 0
    while at < len(data):
        table = data[at + 27 : at + 27 + data[at + 26]]
        end = at + 27 + len(table) + sum(table)
        pages.append(data[at:end])
        at = end
    path = tmp_path / "gap.opus"
    path.write_bytes(b"".join(page for index, page in enumerate(pages) if index != len(pages) // 2))
    return path


def test_a_gap_in_time_stamps_is_named_where_ffmpeg_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(InputError, match="gap in its time stamps"):
        read_song(opus_with_gap(tmp_path))


@needs_ffmpeg
def test_a_gap_in_time_stamps_is_ffmpegs_to_play(tmp_path):
    assert read_song(opus_with_gap(tmp_path)).duration > 15_000


def test_samples_that_are_no_numbers_are_silence(tmp_path):
    samples = music()
    samples[1000:1100] = np.nan
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    assert np.isfinite(read_song(path).samples).all()


def test_broken_tags_stop_nothing(tmp_path):
    buffer = io.BytesIO()
    soundfile.write(buffer, music(rate=44_100), 44_100, format="MP3", subtype="MPEG_LAYER_III")
    path = tmp_path / "a.mp3"
    path.write_bytes(
        b"ID3\x03\x00\x00\x00\x00\x00\x20TIT2\x7f\xff\xff\xff\x00\x00"
        + bytes(22)
        + buffer.getvalue()
    )
    assert read_song(path).tags.title == ""


def test_tags_are_read(tmp_path):
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", RATE, 1, format="FLAC") as file:
        file.title, file.artist, file.album = "First  Light", "Some\nOne", "A Game"
        file.write(music())
    tags = read_song(path).tags
    assert (tags.title, tags.artist, tags.source) == ("First Light", "Some One", "A Game")
