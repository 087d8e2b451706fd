"""The model card says what ships, and its commands can be given."""

import datetime
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beatheritage.config import preset_names
from beatheritage.dataset.census import ChartCount, Holding
from beatheritage.engine.weights import WEIGHTS, file_hash, make_manifest, read_manifest
from beatheritage.errors import InputError, WeightsError
from beatheritage.osu.mode import Mode
from beatheritage.train import card as maker
from beatheritage.train.card import (
    BEGIN,
    END,
    Facts,
    Placed,
    card_text,
    count_placed,
    models_table,
    outgrown,
    replace_block,
    write_card,
)
from beatheritage.train.headline import headline
from beatheritage.train.history import LOG, History
from beatheritage.train.shipped import MODELS, count_parameters, shipped_models

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "models.md"
CARD = WEIGHTS / "MODEL_CARD.md"
MOST_BYTES = 25_000_000
ANEW = "python -m beatheritage.train.card (see its --help) writes it anew"


@pytest.fixture(scope="module")
def shipped():
    return shipped_models()


@pytest.fixture
def facts(shipped):
    history = History(
        steps=1234,
        seconds=3600.0,
        clock="CPU time",
        sittings=2,
        learnt={"loss": ((1, 2.0), (2, 1.0))},
        unseen={"loss": ((1, 2.25), (2, 1.75))},
    )
    return Facts(
        models=shipped,
        songs=(Holding(kind="osu!", licence="CC BY-NC", songs=9, held_out=2, seconds=1200.0),),
        charts=(
            ChartCount(mode=Mode.CATCH, keys=0, songs=5, heard=15, unheard=31, held_out=5),
            ChartCount(mode=Mode.MANIA, keys=8, songs=2, heard=3, unheard=4, held_out=0),
            ChartCount(mode=Mode.MANIA, keys=10, songs=0, heard=0, unheard=2, held_out=0),
            ChartCount(mode=Mode.MANIA, keys=4, songs=60, heard=200, unheard=300, held_out=20),
        ),
        placed=Placed(learned=1250, held_out=88, objects=688_058),
        histories=dict.fromkeys(MODELS, history),
    )


def test_the_page_on_models_is_of_the_weights_that_ship(shipped):
    assert PAGE.read_text("utf-8") == replace_block(PAGE, models_table(shipped)), ANEW


@pytest.mark.skipif(not CARD.exists(), reason="no model card has been written")
def test_the_card_is_of_the_weights_that_ship():
    text = CARD.read_text("utf-8")
    missing = [name for name, digest in read_manifest().items() if digest not in text]
    assert missing == [], ANEW


def test_all_weights_are_light_and_of_some_model(shipped):
    assert sum(each.size for each in shipped) <= MOST_BYTES
    files = [file.name for each in shipped for file in each.files]
    assert sorted(files) == sorted(read_manifest())


def test_parameters_are_those_of_the_models(shipped):
    pytest.importorskip("torch", reason="models are made with torch")
    from beatheritage.model.beats import BeatHead, BeatHeadConfig
    from beatheritage.model.mapper import Mapper, MapperConfig

    config = json.loads((WEIGHTS / "mapper.json").read_text("utf-8"))
    mapper = Mapper(MapperConfig.read(config))
    expected = {"mapper": mapper, "beats": BeatHead(BeatHeadConfig())}
    counted = {each.name: each.parameters for each in shipped}
    for name, model in expected.items():
        assert counted[name] == sum(weight.numel() for weight in model.parameters())


def test_every_name_that_is_accepted_is_on_the_page():
    text = PAGE.read_text("utf-8")
    assert [name for name in preset_names() if f"`{name}`" not in text] == []


def commands_of(text):
    return re.findall(r"^python -m (beatheritage[\w.]+)(.*)$", text, re.MULTILINE)


def test_the_commands_name_flags_that_exist(facts):
    given = commands_of(card_text(facts, "docs")) + commands_of(PAGE.read_text("utf-8"))
    assert len(given) == 13
    for module, words in given:
        source = (ROOT / "src" / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
        unknown = [flag for flag in re.findall(r"--\w+", words) if f'"{flag}"' not in source]
        assert unknown == [], module


def test_the_card_tells_the_facts(facts):
    text = card_text(facts, "../docs")
    assert "AI: say so" in text
    assert "| osu! | CC BY-NC | 9 | 20 | 2 |" in text
    assert "| mania, 8 keys | 2 | 3 | 4 | 0 |" in text
    assert "3 charts with sound and 6 without" in text
    assert "**Catch** has 5 songs" in text
    assert "1,250 osu! charts" in text
    assert "| mapper | 1,234 | 60 minutes of CPU time, in 2 sittings | loss 2.25 → 1.75 |" in text
    assert text.count("--steps 1234") == 1
    assert text.count(" steps=1234") == 2
    assert "](../docs/quality.md)" in text


def test_a_loss_that_was_not_judged_is_said_to_be_so(facts):
    lone = {name: replace(each, unseen={}) for name, each in facts.histories.items()}
    assert "not judged while training" in card_text(replace(facts, histories=lone), "docs")


def test_card_curves_and_page_are_written_and_written_the_same_again(facts, tmp_path):
    docs, card = tmp_path / "docs", tmp_path / "package" / "weights" / "CARD.md"
    docs.mkdir()
    (docs / "models.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    files = write_card(facts, card, docs)
    first = {path: path.read_bytes() for path in files}
    assert {path.name for path in files} == {"CARD.md", "models.md", *(f"{n}.svg" for n in MODELS)}
    assert "../../docs/curves/mapper.svg" in card.read_text("utf-8")
    page = (docs / "models.md").read_text("utf-8")
    assert page == f"before\n{BEGIN}\n{models_table(facts.models)}\n{END}\nafter\n"
    write_card(facts, card, docs)
    assert {path: path.read_bytes() for path in files} == first


@pytest.mark.parametrize("text", [None, "no markers", f"{BEGIN} only", f"{END} first {BEGIN}"])
def test_a_page_without_markers_is_not_touched(facts, tmp_path, text):
    if text is not None:
        (tmp_path / "models.md").write_text(text)
    with pytest.raises(InputError, match="no markers"):
        write_card(facts, tmp_path / "CARD.md", tmp_path)
    assert not (tmp_path / "CARD.md").exists()


def test_what_was_measured_stands_in_the_card(facts, tmp_path):
    from beatheritage.evaluate.quality import Context, Report, quality_json
    from beatheritage.evaluate.spread import Figure
    from beatheritage.evaluate.tables import Line

    figure = Figure(value=0.9637, low=0.9, high=1, count=30, songs=30)
    fast = Figure(value=0.512, low=0.4, high=0.6, count=3, songs=3)
    lines = (
        Line(what="made up share", figure=figure, unit="%", target=0.95),
        Line(what="made up time", figure=fast, unit="s", target=0.5, at_most=True),
        Line(what="made up aside", figure=figure),
    )
    today = datetime.date(2026, 1, 2)
    context = Context(date=today, weights="abc", command="beatheritage evaluate", limit=4)
    path = tmp_path / "quality.json"
    path.write_text(json.dumps(quality_json(Report(context=context, results=(), extra=lines))))
    text = card_text(replace(facts, quality=path), "docs")
    assert "2026-01-02, weights `abc`, on 4 songs of each kind and mode only" in text
    assert text.count("| made up share | 96 % | 95 % | yes |") == 1
    assert "| made up time | 0.512 s | at most 0.5 s | **no** |" in text
    assert "made up aside" not in text


@pytest.mark.parametrize("text", [None, "", "[]", '{"lines": [{}]}'])
def test_a_report_that_is_none_is_one_clear_line(tmp_path, text):
    path = tmp_path / "quality.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match="no report"):
        headline(path)


def test_parameters_without_what_normalisation_keeps(tmp_path):
    header = {
        "__metadata__": {"format": "pt"},
        "a.weight": {"dtype": "F16", "shape": [3, 4], "data_offsets": [0, 24]},
        "a.bias": {"dtype": "F16", "shape": [], "data_offsets": [24, 26]},
        "b.running_mean": {"dtype": "F16", "shape": [5], "data_offsets": [26, 36]},
    }
    told = json.dumps(header).encode()
    (tmp_path / "m.safetensors").write_bytes(len(told).to_bytes(8, "little") + told)
    assert count_parameters(tmp_path / "m.safetensors") == 13


@pytest.mark.parametrize("content", [b"", b"\x02\0\0\0\0\0\0\0[]", b"\xff" * 8 + b"no json"])
def test_weights_that_cannot_be_read_are_named(tmp_path, content):
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"m\.safetensors"):
        count_parameters(path)


def test_damaged_weights_have_no_card(tmp_path):
    for name in MODELS:
        (tmp_path / f"{name}.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    (tmp_path / "manifest.json").write_text(make_manifest(tmp_path))
    digest = file_hash(tmp_path / "mapper.safetensors")
    assert shipped_models(tmp_path)[0].files[0].sha256 == digest
    (tmp_path / "mapper.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{} ")
    with pytest.raises(WeightsError, match="damaged"):
        shipped_models(tmp_path)


def test_charts_of_the_placer_are_counted(tmp_path):
    held = np.array([True, False, False])
    np.savez(tmp_path / "data.npz", validation=held, starts=np.array([0, 40, 90, 130]))
    assert count_placed(tmp_path) == Placed(learned=2, held_out=1, objects=130)
    with pytest.raises(InputError, match="placer"):
        count_placed(tmp_path / "nowhere")


@pytest.mark.parametrize(("later", "told"), [(-1, []), (0, []), (1, ["placer"])])
def test_runs_that_went_on_are_told(tmp_path, later, told):
    for name in MODELS:
        (tmp_path / name).mkdir()
        for path in (tmp_path / name / LOG, tmp_path / f"{name}.safetensors"):
            path.touch()
            os.utime(path, (1000, 1000))
    os.utime(tmp_path / "placer" / LOG, (1000 + later, 1000 + later))
    assert outgrown([tmp_path / name for name in MODELS], tmp_path) == told


def test_the_command_says_what_is_missing(monkeypatch, tmp_path):
    words = ["--data", str(tmp_path), "--cache", str(tmp_path), "--runs", "a", "b", "c"]
    monkeypatch.setattr("sys.argv", ["card", *words, "-o", str(tmp_path / "CARD.md")])
    with pytest.raises(SystemExit, match="manifest"):
        maker.main()
    assert not (tmp_path / "CARD.md").exists()
