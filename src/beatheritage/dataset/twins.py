"""Songs and charts that are here twice, in other files or nearly the same.

Recordings are compared by how their loudness rises (the flux of ``worth.novelty``), slid over each
other: another encoding or a longer silence before the music makes no difference, another song or
another tempo does. Charts are compared by sketches: which share of their objects is the same, told
by as few numbers for a long chart as for a short one (MinHash, Broder 1997).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from beatheritage.audio.mel import FRAME_MS
from beatheritage.osu.beatmap import Beatmap, Circle, Hold, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing

LOUDEST = 99.5  # percentile of a song's flux that counts as its loudest
COARSE_FRAMES = 16  # of the mel: 64 ms
LENGTHS_APART_S = 4.0  # of two files with one recording
WORTH_A_LOOK = 0.5  # correlation of coarse fluxes, slid to fit, from which fine ones are compared
# Correlation of these: 0.9 for what was encoded anew, at most 0.6 among 5,172 pairs of songs that
# last about as long (of the training songs).
SAME_RECORDING = 0.75
HASHES = 64
BAND = 4  # hashes that must all agree for two charts to be compared
SAME_CHART = 0.85  # share of objects, as the sketches estimate it
PLACE_PX = 8
KINDS = (Circle, Slider, Spinner, Hold)
_ODD = np.uint64(0x9E3779B97F4A7C15)


class Recording(NamedTuple):
    """Another file with the same recording, ``late`` ms later in the first than in the second."""

    first: int
    second: int
    late: float


def flux_bytes(flux: np.ndarray) -> bytes:
    """A flux as bytes: a byte a frame, 255 for the loudest."""
    loudest = max(float(np.percentile(flux, LOUDEST)), 1e-9)
    return np.clip(np.rint(flux / loudest * 255), 0, 255).astype(np.uint8).tobytes()


def same_recordings(fluxes: Sequence[bytes]) -> Iterator[Recording]:
    """Every pair of songs that are one recording, by their places, the earlier one first; songs
    without a flux are none."""
    coarse = [_coarse(flux) for flux in fluxes]
    frames = round(LENGTHS_APART_S * 1000 / FRAME_MS)
    order = sorted((index for index, one in enumerate(fluxes) if one), key=lambda n: len(fluxes[n]))
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if len(fluxes[other]) - len(fluxes[one]) > frames:
                break
            first, second = sorted((one, other))
            if _slid(coarse[first], coarse[second])[1] < WORTH_A_LOOK:
                continue
            late, alike = _slid(_fine(fluxes[first]), _fine(fluxes[second]))
            if alike >= SAME_RECORDING:
                yield Recording(first, second, late * FRAME_MS)


def _coarse(flux: bytes) -> np.ndarray:
    """The flux by 64 ms, blurred enough not to hang on where these begin, less its mean and of
    length 1."""
    ramp = np.arange(1, COARSE_FRAMES + 1, dtype=np.float32)
    blur = np.concatenate([ramp, ramp[-2::-1]]) / COARSE_FRAMES
    values = np.frombuffer(flux, np.uint8).astype(np.float32)
    return _unit(np.convolve(values, blur, "same")[::COARSE_FRAMES] if len(values) else values)


def _fine(flux: bytes) -> np.ndarray:
    return _unit(np.frombuffer(flux, np.uint8).astype(np.float32))


def _unit(values: np.ndarray) -> np.ndarray:
    if not len(values):
        return values
    centred = values - values.mean()
    return centred / (np.linalg.norm(centred) + 1e-9)


def _slid(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """How many frames later the first one is when they fit best, between frames too, and how well
    they do."""
    size = 1 << (len(first) + len(second)).bit_length()
    product = np.fft.irfft(np.fft.rfft(first, size) * np.conj(np.fft.rfft(second, size)), size)
    best = int(np.argmax(product))
    before, here, after = product[best - 1], product[best], product[(best + 1) % size]
    bend = before - 2 * here + after
    lag = best - size if best > size // 2 else best
    between = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(lag + between), float(here)


def sketch(beatmap: Beatmap) -> bytes:
    """What a chart is like, in ``HASHES`` numbers. It does not hang on where its audio starts."""
    tokens = _tokens(beatmap)
    factors = _mixed(np.arange(1, HASHES + 1, dtype=np.uint64)) | np.uint64(1)
    hashed = _mixed(tokens[:, None] * factors[None, :])
    return (hashed.min(axis=0) >> np.uint64(32)).astype("<u4").tobytes()


def likeness(one: bytes, other: bytes) -> float:
    """The share of objects that two charts have in common, as their sketches estimate it."""
    pair = (np.frombuffer(each, "<u4") for each in (one, other))
    return float(np.mean(np.equal(*pair)))


def same_charts(sketches: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Every pair of charts that are nearly the same, by their places, the earlier one first."""
    buckets: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
    for index, one in enumerate(sketches):
        near: set[int] = set()
        for band in range(HASHES // BAND):
            key = (band, one[band * BAND * 4 : (band + 1) * BAND * 4])
            near.update(buckets[key])
            buckets[key].append(index)
        for other in sorted(near):
            if likeness(one, sketches[other]) >= SAME_CHART:
                yield other, index


def _tokens(beatmap: Beatmap) -> np.ndarray:
    """A number for each object: what it is, where, and how many ticks behind the first."""
    objects = beatmap.objects
    ticks = Timing(lines=beatmap.red_lines).tick(np.array([item.time for item in objects]))
    places = np.array([(item.x, item.y) for item in objects], np.float64)
    across, down = np.rint(places / PLACE_PX).astype(np.int64).T
    kinds = np.array([KINDS.index(type(item)) for item in objects])
    sounds = np.array([int(item.sound) for item in objects])
    mode = beatmap.mode
    parts = [ticks - ticks[0], kinds, np.full(len(objects), int(mode))]
    if mode is Mode.TAIKO:  # sounds are notes, and places are nothing
        parts.append(sounds)
    else:
        parts += [across] if mode is Mode.MANIA else [across, down]
    mixed = np.zeros(len(objects), np.uint64)
    for part in parts:
        mixed = _mixed(mixed ^ part.astype(np.uint64))
    return np.unique(mixed)


def _mixed(values: np.ndarray) -> np.ndarray:
    """Numbers spread over all 64 bits (splitmix64, Steele et al. 2014)."""
    values = values + _ODD
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
