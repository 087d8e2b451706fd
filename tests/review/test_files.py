"""Rules about the files of a set: which there are, songs, hitsounds, pictures, videos."""

from io import BytesIO
from math import ceil

import numpy as np
import pytest
import soundfile
from PIL import Image

from beatheritage.osu.beatmap import RedLine
from beatheritage.review.audio import (
    audio_format,
    audio_in_video,
    audio_usage,
    bitrate,
    hit_sound_delay,
    hit_sound_format,
    hit_sound_imbalance,
    hit_sound_length,
    multiple_audio,
    silent_hit_sounds,
)
from beatheritage.review.contents import (
    empty_difficulty,
    file_name,
    hitsound_difficulty,
    unused_files,
    update_validity,
    zero_bytes,
)
from beatheritage.review.material import SongFacts
from beatheritage.review.resources import (
    background_presence,
    background_resolution,
    multiple_video,
    overlay_layer,
    skin_resolution,
    sprite_resolution,
    video_offset,
    video_resolution,
)
from beatheritage.review.subject import MapSubject
from beatheritage.review.video import video_facts
from tests.review.maps import circle, mapset, severities, subject

RATE = 44_100
SAMPLE = "soft-hitnormal2.wav"
PLAYS_IT = (RedLine(time=0, beat_length=500, sample_set=2, sample_index=2),)
DIFFICULTY = "A - B (C) [Hard].osu"


def wav(samples: np.ndarray, file_format: str = "WAV") -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, RATE, format=file_format)
    return file.getvalue()


def click(ms: float, before: float = 0.0, right: float = 1.0) -> np.ndarray:
    """A stereo sample that is loud from the first, after so many ms of silence."""
    samples = np.full((ceil(ms * RATE / 1000), 2), 0.5)
    samples[:, 1] *= right
    silence = np.zeros((round(before * RATE / 1000), 2))
    return np.concatenate([silence, samples])


def picture(width: int, height: int, padding: int = 0) -> bytes:
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue() + bytes(padding)


def hitsounded(samples: bytes, name: str = SAMPLE):
    return mapset(subject(circle(0), lines=PLAYS_IT), files={name: samples})


def with_song(codec: str, kbits: float, duration: float, *ends: float):
    """A set whose song is taken to be so; one map ends at each of ``ends``."""
    maps = [subject(circle(0), circle(end)) for end in ends or (duration,)]
    made = mapset(*maps, files={"audio.mp3": b"x"})
    made.__dict__["songs"] = {"audio.mp3": SongFacts(codec=codec, duration=duration, kbits=kbits)}
    return made


@pytest.mark.parametrize(
    ("codec", "found"), [("mp3", ""), ("vorbis", ""), ("opus", "P"), ("wav", "P"), ("flac", "P")]
)
def test_formats_of_songs(codec, found):
    assert severities(audio_format, with_song(codec, 160, 1000)) == found


def test_a_song_that_is_none():
    assert severities(audio_format, mapset(subject(), files={"audio.mp3": b"rubbish"})) == "P"


@pytest.mark.parametrize(
    ("codec", "kbits", "found"),
    [
        ("mp3", 126, "P"),
        ("mp3", 127, ""),
        ("mp3", 128, ""),
        ("mp3", 192, ""),
        ("mp3", 193, ""),
        ("mp3", 193.1, "P"),
        ("vorbis", 208, ""),
        ("vorbis", 210, "P"),
        ("vorbis", 126, "P"),
    ],
)
def test_bit_rates(codec, kbits, found):
    assert severities(bitrate, with_song(codec, kbits, 1000)) == found


def test_the_bit_rate_of_a_real_song():
    noise = np.random.default_rng(1).standard_normal((RATE * 6, 2)) * 0.2
    made = mapset(subject(), files={"audio.mp3": wav(noise.clip(-1, 1), "OGG")})
    facts = made.songs["audio.mp3"]
    assert facts is not None
    assert facts.codec == "vorbis"
    assert facts.duration == pytest.approx(6000, abs=1)
    assert 50 < facts.kbits < 400


@pytest.mark.parametrize(("end", "found"), [(79_999, "W"), (80_000, ""), (80_001, "")])
def test_the_end_of_a_song(end, found):
    assert severities(audio_usage, with_song("mp3", 160, 100_000, 10, end)) == found


def test_songs_of_a_set():
    here = {"audio.mp3": b"x", "other.mp3": b"x"}
    plain, other = subject(), subject(audio_filename="other.mp3")
    assert severities(multiple_audio, mapset(plain, plain, files=here)) == ""
    assert (
        severities(multiple_audio, mapset(plain, subject(audio_filename="AUDIO.mp3"), files=here))
        == ""
    )
    assert severities(multiple_audio, mapset(plain, other, files=here)) == "P"
    assert severities(multiple_audio, mapset(plain, files={})) == "P"
    assert severities(multiple_audio, mapset(subject(audio_filename=""), files=here)) == "P"
    assert severities(multiple_audio, mapset(plain)) == ""


@pytest.mark.parametrize(
    ("before", "found"), [(0, ""), (0.9, ""), (1.1, "M"), (4.9, "M"), (5.1, "P")]
)
def test_silence_before_a_hitsound(before, found):
    assert severities(hit_sound_delay, hitsounded(wav(click(50, before)))) == found


@pytest.mark.parametrize(("ms", "found"), [(9, ""), (11, "W")])
def test_slow_hitsounds(ms, found):
    """A rise over ``ms`` is at half its peak after half of it."""
    rise = np.linspace(0.01, 0.5, round(ms * RATE / 1000))
    sound = np.concatenate([rise, np.full(RATE // 10, 0.5)])
    assert severities(hit_sound_delay, hitsounded(wav(sound))) == found


@pytest.mark.parametrize(("ms", "found"), [(24, "P"), (25, ""), (26, "")])
def test_length_of_hitsounds(ms, found):
    assert severities(hit_sound_length, hitsounded(wav(click(ms)))) == found


@pytest.mark.parametrize(("right", "found"), [(1, ""), (0.51, ""), (0.49, "W"), (0, "W")])
def test_sides_of_hitsounds(right, found):
    assert severities(hit_sound_imbalance, hitsounded(wav(click(50, right=right)))) == found


def test_formats_of_hitsounds():
    assert severities(hit_sound_format, hitsounded(wav(click(50)))) == ""
    assert severities(hit_sound_format, hitsounded(wav(click(50), "OGG"))) == ""
    assert severities(hit_sound_format, hitsounded(wav(click(50), "MP3"))) == "P"
    assert severities(hit_sound_format, hitsounded(b"rubbish")) == "P"
    # What no map plays may be anything.
    assert severities(hit_sound_format, hitsounded(b"rubbish", "soft-hitnormal9.wav")) == ""


def test_silent_hitsounds():
    blank = wav(np.zeros(0))
    assert len(blank) == 44
    assert severities(silent_hit_sounds, hitsounded(blank)) == ""
    assert severities(silent_hit_sounds, hitsounded(wav(np.zeros(2000)))) == "P"
    assert severities(silent_hit_sounds, hitsounded(wav(click(50)))) == ""


def test_empty_difficulties():
    assert severities(empty_difficulty, subject()) == "P"
    assert severities(empty_difficulty, subject(circle(0))) == ""


def test_hitsound_difficulties():
    assert severities(hitsound_difficulty, subject(version="Hitsounds")) == "P"
    assert severities(hitsound_difficulty, subject(version="Hitsounds of Hell")) == ""


def test_empty_files():
    assert severities(zero_bytes, mapset(subject(), files={"a.png": b"", "b.png": b"x"})) == "P"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("audio.mp3", ""),
        ("BG.jpg", ""),
        ("soft-hitnormal2.ogg", ""),
        ("soft-hitnormal3.wav", "P"),
        ("hitcircle.png", ""),
        ("sb/hitcircle.png", "P"),
        ("sb/flash.png", ""),
        ("sb/frame0.png", ""),
        ("sb/frame2.png", "P"),
        ("boom.wav", ""),
        ("thumbs.db", "P"),
        ("set.osb", ""),
    ],
)
def test_unused_files(name, found):
    story = (
        'Sprite,Background,Centre,"sb\\flash.png",320,240',
        'Animation,Background,Centre,"sb/frame.png",320,240,2,50,LoopForever',
        'Sample,1000,0,"boom.ogg",70',
    )
    one = subject(circle(0), lines=PLAYS_IT, background="bg.jpg", storyboard=story)
    assert severities(unused_files, mapset(one, files={name: b"x"})) == found


def test_pictures_of_an_osb_are_used():
    story = b'[Events]\nSprite,Background,Centre,"a.png",320,240\n'
    files = {"A - B.osb": story, "a.png": b"x", "b.png": b"x"}
    (found,) = unused_files(mapset(subject(), files=files))
    assert "'b.png'" in found.message


def test_names_of_difficulties():
    metadata = {"artist": "A", "title": "B/?", "creator": "C", "version": "Hard"}
    named = subject(**metadata)
    assert file_name(named) == DIFFICULTY
    right = MapSubject(beatmap=named.beatmap, name=DIFFICULTY)
    wrong = MapSubject(beatmap=named.beatmap, name="map.osu")
    assert severities(update_validity, mapset(right, files={})) == ""
    assert severities(update_validity, mapset(wrong, files={})) == "W"


@pytest.mark.parametrize(("letters", "found"), [(129, ""), (130, ""), (131, "W")])
def test_long_names(letters, found):
    rest = len(" -  () [].osu")
    named = subject(artist="a" * (letters - rest), title="", creator="", version="")
    one = MapSubject(beatmap=named.beatmap, name=file_name(named))
    assert len(one.name) == letters
    assert severities(update_validity, mapset(one, files={})) == found


def test_backgrounds_that_are_missing():
    assert severities(background_presence, mapset(subject(), files={})) == "P"
    assert severities(background_presence, mapset(subject(background="a.png"), files={})) == "P"
    there = mapset(subject(background="a.png"), files={"A.png": picture(1, 1)})
    assert severities(background_presence, there) == ""
    assert severities(background_presence, mapset(subject())) == ""


@pytest.mark.parametrize(
    ("width", "height", "found"),
    [
        (159, 120, "P"),
        (160, 120, "W"),
        (1023, 640, "W"),
        (1024, 639, "W"),
        (1024, 640, ""),
        (2560, 1440, ""),
        (2561, 1440, "P"),
        (2560, 1441, "P"),
    ],
)
def test_sizes_of_backgrounds(width, height, found):
    files = {"a.png": picture(width, height)}
    assert (
        severities(background_resolution, mapset(subject(background="a.png"), files=files)) == found
    )


@pytest.mark.parametrize(("more", "found"), [(-1, ""), (0, ""), (1, "P")])
def test_bytes_of_backgrounds(more, found):
    plain = picture(1024, 640)
    files = {"a.png": plain + bytes(2_500_000 - len(plain) + more)}
    assert (
        severities(background_resolution, mapset(subject(background="a.png"), files=files)) == found
    )


def test_a_background_that_is_no_picture():
    judged = mapset(subject(background="a.png"), files={"a.png": b"rubbish"})
    assert severities(background_resolution, judged) == "P"


def test_sprites():
    story = ('Sprite,Overlay,Centre,"a.png",1,1', 'Sprite,Fail,Centre,"b.png",1,1')
    fits, too_large = picture(4250, 4000), picture(4251, 4000)
    judged = mapset(subject(storyboard=story), files={"a.png": fits, "b.png": too_large})
    (found,) = sprite_resolution(judged)
    assert "'b.png'" in found.message
    assert severities(overlay_layer, judged) == "W"
    assert severities(overlay_layer, mapset(subject(storyboard=story[1:]), files={})) == ""


def test_parts_of_skins():
    high = {"hitcircle@2x.png": picture(256, 256)}
    assert severities(skin_resolution, mapset(subject(), files=high)) == "P"
    both = high | {"hitcircle.png": picture(128, 128)}
    assert severities(skin_resolution, mapset(subject(), files=both)) == ""
    odd = high | {"hitcircle.png": picture(100, 128)}
    assert severities(skin_resolution, mapset(subject(), files=odd)) == "W"


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


def mp4(width: int, height: int, *, sound: bool = False) -> bytes:
    size = (width << 16).to_bytes(4, "big") + (height << 16).to_bytes(4, "big")
    tracks = box(b"trak", box(b"tkhd", bytes(76) + size) + box(b"mdia", handler(b"vide")))
    tracks += box(b"trak", box(b"mdia", handler(b"soun"))) if sound else b""
    return box(b"ftyp", b"isom") + box(b"moov", tracks)


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8) + kind + bytes(12))


@pytest.mark.parametrize(
    ("width", "height", "found"), [(1280, 720, ""), (1281, 720, "P"), (1280, 721, "P")]
)
def test_sizes_of_videos(width, height, found):
    judged = mapset(subject(video="v.mp4"), files={"v.mp4": mp4(width, height)})
    assert severities(video_resolution, judged) == found


def test_sound_of_videos():
    for sound, found in ((True, "P"), (False, "")):
        judged = mapset(subject(video="v.mp4"), files={"v.mp4": mp4(1, 1, sound=sound)})
        assert severities(audio_in_video, judged) == found


def test_other_videos():
    assert video_facts(b"FLV\x01\x05") is not None
    assert video_facts(b"rubbish") is None
    header = bytes(32) + (640).to_bytes(4, "little") + (480).to_bytes(4, "little") + bytes(16)
    avi = b"RIFF\0\0\0\0AVI LIST\0\0\0\0hdrlavih8\0\0\0" + header + b"strlstrh8\0\0\0auds"
    facts = video_facts(avi)
    assert facts is not None
    assert (facts.width, facts.height, facts.has_audio) == (640, 480, True)
    # Boxes that say they are larger than the file, or of no size, end the reading.
    assert video_facts(box(b"ftyp", b"") + b"\xff\xff\xff\xffmoov") is not None
    assert video_facts(box(b"ftyp", b"") + b"\0\0\0\x01moov") is not None


def test_videos_of_a_set():
    here, there = subject(video="a.mp4"), subject(video="b.mp4")
    assert severities(multiple_video, mapset(here, here)) == ""
    assert severities(multiple_video, mapset(here, there)) == "W"
    later = subject(video="a.mp4", video_offset=20)
    assert severities(video_offset, mapset(here, here)) == ""
    assert severities(video_offset, mapset(here, later)) == "P"
    assert severities(video_resolution, mapset(here, files={})) == "P"
