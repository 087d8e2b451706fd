"""The blind test: people's maps and ours in pairs, shuffled, and nothing that says whose is whose.

A page that needs nothing else plays a stretch of both; archives hold both whole, for the game. What
is no part of playing is the same in both: names, tags, ids, colours, pictures, editor settings. The
key is a file of its own.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from beatheritage.audio.encode import encode_vorbis
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.evaluate.asks import KEPT, like
from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.subjects import HumanChart, Subject
from beatheritage.generate.package import difficulty_name
from beatheritage.osu.beatmap import (
    NO_SAMPLE,
    Beatmap,
    Circle,
    EdgeSound,
    Editor,
    Events,
    General,
    HitObject,
    HitSound,
    Hold,
    Metadata,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import Mode, circle_radius_px, column_of, preempt
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write

AUDIO = "audio.ogg"
TRIALS = 12
SHOWN_MS = 20_000.0
LEAD_MS = 1_500.0
STARTS_AT = 0.4  # of the map: past the intro, in most songs in what repeats
PATH_POINTS = 24
SIDES = ("a", "b")
TEMPLATE = Path(__file__).with_name("blind.html")
KIND_WORDS = {Circle: "circle", Slider: "slider", Spinner: "spinner", Hold: "hold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Two maps of one song; ``person`` says which side is a person's."""

    number: int
    chart: str
    song: Song
    maps: tuple[Beatmap, Beatmap]
    person: str


def blind_charts(subjects: Sequence[Subject], most: int) -> list[tuple[Subject, HumanChart]]:
    """One chart each of so many songs, the middle one of a mode; modes take turns."""
    by_mode: list[list[tuple[Subject, HumanChart]]] = []
    for mode in Mode:
        mine = []
        for subject in subjects:
            charts = sorted((it for it in subject.charts if it.mode is mode), key=_stars)
            mine += [(subject, charts[len(charts) // 2])] if charts else []
        by_mode.append(mine)
    turns = (one for row in zip_longest(*by_mode) for one in row if one is not None)
    chosen: dict[str, tuple[Subject, HumanChart]] = {}
    for turn in turns:
        chosen.setdefault(turn[0].id, turn)
    return list(chosen.values())[:most]


def _stars(chart: HumanChart) -> float:
    return chart.stars


def make_trial(
    bench: Bench, chart: HumanChart, number: int, rng: np.random.Generator
) -> Trial | None:
    """The person's map beside ours at its stars, as a user would get it; None where none is."""
    timing = bench.found.timing
    ask = replace(like(chart, KEPT), stage="whole")
    if timing is None:
        return None
    written = bench.written(bench.question(timing, ask), ask, timing)
    if written["error"]:
        return None
    person = int(rng.integers(len(SIDES)))
    pair = [parse(written["osu"]).beatmap, chart.beatmap]
    first, second = pair[::-1] if person == 0 else pair
    return Trial(
        number=number,
        chart=chart.name,
        song=bench.song,
        maps=(neutral(first, number, "A"), neutral(second, number, "B")),
        person=SIDES[person],
    )


def neutral(beatmap: Beatmap, number: int, version: str) -> Beatmap:
    """The map with whatever tells where it is from made the same for all."""
    return replace(
        beatmap,
        general=General(
            audio_filename=AUDIO,
            mode=beatmap.mode,
            sample_set="Soft",
            stack_leniency=beatmap.general.stack_leniency,
        ),
        editor=Editor(),
        metadata=Metadata(
            title=f"Song {number:02}", artist="Blind test", creator="somebody", version=version
        ),
        difficulty=replace(beatmap.difficulty, other=()),
        events=Events(),
        combo_colours=(),
        other_colours=(),
        timing_points=tuple(
            replace(
                point,
                time=float(round(point.time)),
                sample_set=2,
                sample_index=0,
                volume=70,
                kiai=False,
            )
            for point in beatmap.timing_points
        ),
        objects=tuple(map(_plain, beatmap.objects)),
    )


def _plain(item: HitObject) -> HitObject:
    """The object with its sounds, but no sets and files of them."""
    item = replace(item, sample=NO_SAMPLE, combo_skip=0)
    if isinstance(item, Slider):
        return replace(item, edges=tuple(EdgeSound(edge.sound) for edge in item.edges))
    return item


def blind_files(trials: Sequence[Trial]) -> dict[str, bytes]:
    """Names and bytes: the page, the key, and an archive of each pair."""
    key = [
        {
            "number": one.number,
            "person": one.person,
            "song": one.song.path.parent.name,
            "chart": one.chart,
        }
        for one in trials
    ]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]
    shown = {"id": name, "trials": [shown_trial(one) for one in trials]}
    # No text of a page may end its own script.
    words = json.dumps(shown, separators=(",", ":")).replace("<", "\\u003c")
    page = TEMPLATE.read_text("utf-8").replace("/*TRIALS*/", words)
    key_words = json.dumps({"id": name, "trials": key}, ensure_ascii=False, indent=1)
    archives = {f"song {one.number:02}.osz": packed(one) for one in trials}
    return {"index.html": page.encode(), "key.json": key_words.encode(), **archives}


def packed(trial: Trial) -> bytes:
    """Both maps with their song, for the game."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(AUDIO), encode_vorbis(trial.song.path))
        for beatmap in trial.maps:
            archive.writestr(zipfile.ZipInfo(difficulty_name(beatmap)), write(beatmap))
    return target.getvalue()


def shown_trial(trial: Trial) -> dict[str, Any]:
    """What the page plays of a pair."""
    last = min(beatmap.objects[-1].time for beatmap in trial.maps)
    start = max(0.0, min(last * STARTS_AT, trial.song.duration - SHOWN_MS))
    shown = {
        side: shown_map(beatmap, start) for side, beatmap in zip(SIDES, trial.maps, strict=True)
    }
    return {
        "mode": trial.maps[0].mode.name.lower(),
        "start": start,
        "sound": sound_of(trial.song, start),
        **shown,
    }


def sound_of(song: Song, start: float) -> str:
    """The stretch as Ogg Vorbis inside an address."""
    first, count = round(start * SAMPLE_RATE / 1000), round(SHOWN_MS * SAMPLE_RATE / 1000)
    target = io.BytesIO()
    samples = song.samples[first : first + count]
    soundfile.write(target, samples, SAMPLE_RATE, format="OGG", subtype="VORBIS")
    return "data:audio/ogg;base64," + base64.b64encode(target.getvalue()).decode()


def shown_map(beatmap: Beatmap, start: float) -> dict[str, Any]:
    """The stretch's objects, as the page's scripts read them."""
    settings, pace = beatmap.difficulty, Pace(beatmap)
    objects, combo, number = [], 0, 0
    for item in beatmap.objects:
        fresh = item.new_combo or isinstance(item, Spinner)
        combo, number = (combo + 1, 1) if fresh else (combo, number + 1)
        end = pace.end(item)
        if end >= start - LEAD_MS and item.time <= start + SHOWN_MS + LEAD_MS:
            objects.append({**_shown(item, end, beatmap), "c": combo, "n": number})
    mania = beatmap.mode is Mode.MANIA
    return {
        "preempt": preempt(settings.approach_rate),
        "radius": circle_radius_px(settings.circle_size),
        "keys": round(settings.circle_size) if mania else 0,
        "objects": objects,
    }


def _shown(item: HitObject, end: float, beatmap: Beatmap) -> dict[str, Any]:
    mania = beatmap.mode is Mode.MANIA
    slides = item.slides if isinstance(item, Slider) else 1
    places = _places(item) if beatmap.mode in (Mode.STD, Mode.CATCH) else [(item.x, item.y)]
    there_and_back = [places if turn % 2 == 0 else places[::-1] for turn in range(slides)]
    run = [place for way in there_and_back for place in way]
    times = np.linspace(item.time, end, len(run)).round(1).tolist()
    return {
        "t": item.time,
        "e": round(end, 1),
        "k": KIND_WORDS[type(item)],
        "p": places,
        "q": [(time, x) for time, (x, _) in zip(times, run, strict=True)],
        "r": slides,
        "kat": bool(item.sound & (HitSound.WHISTLE | HitSound.CLAP)),
        "big": bool(item.sound & HitSound.FINISH),
        "lane": column_of(item.x, round(beatmap.difficulty.circle_size)) if mania else 0,
    }


def _places(item: HitObject) -> list[tuple[float, float]]:
    """The head, or places all along a slider."""
    if not isinstance(item, Slider):
        return [(item.x, item.y)]
    path = slider_path(item)
    along = path.places(np.linspace(0, path.length, PATH_POINTS))
    return [(x, y) for x, y in along.round(1).tolist()]
