"""What osu! does not play is encoded without moving it, into the same bytes every time."""

import io

import numpy as np
import pytest
import soundfile

from beatheritage.audio.encode import (
    CHECKSUM_AT,
    PAGE_HEADER,
    SERIAL,
    SERIAL_AT,
    after_zeros,
    checksum_of,
    encode_vorbis,
    with_serial,
)

RATE = 44_100
CLICKS = (4_410, 22_050, 60_000, 200_001)


@pytest.fixture(scope="module", params=[1, 2, 4], ids="{}ch".format)
def song(request, tmp_path_factory):
    samples = np.zeros((6 * RATE, request.param), np.float32)
    for click in CLICKS:
        samples[click : click + 300] = np.sin(np.arange(300) * 0.3)[:, None] * 0.8
    path = tmp_path_factory.mktemp("encode") / "song.wav"
    soundfile.write(path, samples, RATE)
    return path


def pages(ogg):
    start = 0
    while start < len(ogg):
        segments = ogg[start + PAGE_HEADER.size - 1]
        table = start + PAGE_HEADER.size
        end = table + segments + sum(ogg[table : table + segments])
        yield bytearray(ogg[start:end])
        start = end


def test_nothing_moves(song):
    decoded, rate = soundfile.read(io.BytesIO(encode_vorbis(song)), always_2d=True)
    original, _ = soundfile.read(song, always_2d=True)
    assert rate == RATE
    assert decoded.shape == (len(original), min(original.shape[1], 2))
    for click in CLICKS:
        around = slice(click - 50, click + 350)
        lags = np.correlate(decoded[click - 100 : click + 400, 0], original[around, 0], "valid")
        assert np.argmax(lags) == 50


def test_the_same_bytes_every_time(song):
    assert encode_vorbis(song) == encode_vorbis(song)


def test_every_page_has_its_serial_and_checksum(song):
    for page in pages(encode_vorbis(song)):
        assert int.from_bytes(page[SERIAL_AT : SERIAL_AT + 4], "little") == SERIAL
        checksum = int.from_bytes(page[CHECKSUM_AT : CHECKSUM_AT + 4], "little")
        page[CHECKSUM_AT : CHECKSUM_AT + 4] = bytes(4)
        assert checksum_of(page) == checksum


def test_another_serial_and_back_is_the_same_file(song):
    ogg = encode_vorbis(song)
    assert with_serial(with_serial(ogg, 7), SERIAL) == ogg


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 1000])
def test_zeros_in_steps_are_zeros_one_by_one(count):
    assert after_zeros(checksum_of(b"osu!"), count) == checksum_of(b"osu!" + bytes(count))
