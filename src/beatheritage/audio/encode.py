"""Ogg Vorbis, for songs that osu! does not play as they are; not moved by a sample."""

import io
import struct
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from beatheritage.audio.decode import BLOCK_FRAMES, inspect_song, opened

WRITE_FRAMES = 1 << 16  # libsndfile's Vorbis writer keeps a block on the stack
COMPRESSION = 0.4  # about 192 kbit/s, inside what osu!'s ranking criteria allow
SERIAL = 0x42481  # of the only stream; libsndfile draws one by the clock
PAGE_HEADER = struct.Struct("<4sBBqIIIB")
SERIAL_AT, CHECKSUM_AT = 14, 22
CHECKSUM_POLYNOMIAL = 0x04C11DB7


def encode_vorbis(path: Path) -> bytes:
    """A song as Ogg Vorbis at its own rate, in at most two channels; the same bytes every time.

    Raises InputError for what cannot be decoded.
    """
    target = io.BytesIO()
    with opened(path, inspect_song(path)) as source:
        channels = min(source.channels, 2)
        with soundfile.SoundFile(
            target,
            "w",
            source.samplerate,
            channels,
            format="OGG",
            subtype="VORBIS",
            compression_level=COMPRESSION,
        ) as file:
            while len(block := source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
                mixed = block if source.channels <= 2 else fold(block)
                for start in range(0, len(mixed), WRITE_FRAMES):
                    file.write(mixed[start : start + WRITE_FRAMES])
    return with_serial(target.getvalue(), SERIAL)


def fold(block: np.ndarray) -> np.ndarray:
    """More than two channels as two: each side keeps its own, and both get the rest."""
    rest = block[:, 2:].mean(1, keepdims=True)
    return ((block[:, :2] + rest) / 2).astype(np.float32)


def with_serial(ogg: bytes, serial: int) -> bytes:
    """The Ogg stream under another serial number, its pages' checksums made right again.

    A checksum is linear: it changes by the checksum of what changed, which is these four bytes
    and as many zeros as the page has after them.
    """
    data, start = bytearray(ogg), 0
    while start < len(data):
        segments = data[start + PAGE_HEADER.size - 1]
        table = start + PAGE_HEADER.size
        end = table + segments + sum(data[table : table + segments])
        old = int.from_bytes(data[start + SERIAL_AT : start + SERIAL_AT + 4], "little")
        changed = (old ^ serial).to_bytes(4, "little")
        checksum = int.from_bytes(data[start + CHECKSUM_AT : start + CHECKSUM_AT + 4], "little")
        checksum ^= after_zeros(checksum_of(changed), end - start - SERIAL_AT - 4)
        data[start + SERIAL_AT : start + SERIAL_AT + 4] = serial.to_bytes(4, "little")
        data[start + CHECKSUM_AT : start + CHECKSUM_AT + 4] = checksum.to_bytes(4, "little")
        start = end
    return bytes(data)


def checksum_of(data: bytes) -> int:
    """Ogg's CRC-32 (RFC 3533): most significant bit first, from 0, not inverted."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = _shifted(register)
    return register


def after_zeros(register: int, count: int) -> int:
    """The register once ``count`` zero bytes have followed, in steps of powers of two."""
    power = 0
    while count:
        if count & 1:
            register = _apply(zero_bytes(power), register)
        count >>= 1
        power += 1
    return register


@cache
def zero_bytes(power: int) -> tuple[int, ...]:
    """What ``2 ** power`` zero bytes make of each bit of the register."""
    if power == 0:
        columns = (1 << bit for bit in range(32))
        for _ in range(8):
            columns = tuple(_shifted(column) for column in columns)
        return tuple(columns)
    half = zero_bytes(power - 1)
    return tuple(_apply(half, column) for column in half)


def _shifted(register: int) -> int:
    carried = CHECKSUM_POLYNOMIAL if register & 0x80000000 else 0
    return (register << 1 & 0xFFFFFFFF) ^ carried


def _apply(columns: tuple[int, ...], register: int) -> int:
    result, bit = 0, 0
    while register:
        if register & 1:
            result ^= columns[bit]
        register >>= 1
        bit += 1
    return result
