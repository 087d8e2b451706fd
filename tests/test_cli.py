"""The command line: what it takes, and one clear line for what it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from beatheritage.cli import COMMANDS, main
from beatheritage.commands.console import done_share
from beatheritage.commands.generate import STAGES
from beatheritage.engine.weights import MANIFEST, WEIGHTS, make_manifest
from beatheritage.progress import Progress

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo" / "BeatHeritage - First Light.ogg"
RATE = 8_000

# What a run where torch is not installed sees.
WITHOUT_TORCH = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "scipy", "safetensors", "onnx"):
            raise ImportError(name + " is not installed here")
sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def noise(path, seconds, gain=0.3):
    samples = np.random.default_rng(3).standard_normal(round(seconds * RATE)) * gain
    soundfile.write(path, samples.clip(-1, 1).astype(np.float32), RATE, subtype="PCM_U8")
    return path


def refused(capsys, folder, *words):
    """The one line that a bad command line gets; nothing may have been written."""
    before = set(folder.rglob("*"))
    assert main([str(word) for word in words]) == 1
    out, err = capsys.readouterr()
    lines = err.strip().splitlines()
    assert out == ""
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    assert set(folder.rglob("*")) == before
    return lines[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["genrate"], "no command 'genrate' (did you mean 'generate'?)"),
        (["generate"], "no audio file was given"),
        (["generate", "missing.mp3"], "missing.mp3: there is no such file"),
        (["generate", "."], "folder, not an audio file"),
        (["generate", DEMO, "--stars", "0.4"], "stars must be from 0.5 to 10"),
        (["generate", DEMO, "--stars", "11"], "stars must be from 0.5 to 10"),
        (["generate", DEMO, "--stars", "many"], "stars must be a number"),
        (["generate", DEMO, "--mode", "dance"], "one of std, taiko, catch, mania, not 'dance'"),
        (["generate", DEMO, "--mode", "mania", "--keys", "11"], "keys must be from 4 to 10"),
        (["generate", DEMO, "--keys", "4"], "keys is for mania alone"),
        (["generate", DEMO, "temprature=1"], "did you mean 'sampling.temperature'?"),
        (["generate", DEMO, "stars"], "expected key=value"),
        (["generate", DEMO, "--tempo", "3"], "--tempo"),
        (["generate", DEMO, "--start", "3"], "add --within FILE.osu"),
        (["generate", DEMO, "--preset", "v3"], "did you mean 'v3"),
        (["timing", "missing.mp3"], "there is no such file"),
        (["inference", "audio_path=missing.mp3"], "there is no such file"),
        (["inference", "-cn", "v99", "audio_path=a.mp3"], "no model is called 'v99'"),
        (["inference", "difficulty=3"], "audio_path=song.mp3"),
        (["inference", "audio_pth=a.mp3"], "did you mean 'audio_path'?"),
        (["inference", "audio_path=a.mp3", "cfg_scale=0.5"], "must be from 1 to 20"),
        (["inference", "audio_path=a.mp3", "gamemode=4"], "one of std, taiko, catch, mania"),
    ],
)
def test_bad_options(words, told, capsys, folder):
    assert told in refused(capsys, folder, *words)


def test_no_audio(capsys, folder):
    (folder / "song.mp3").write_bytes(b"these are words, not music\n" * 500)
    assert "no audio" in refused(capsys, folder, "generate", "song.mp3")


def test_too_short(capsys, folder):
    noise("short.wav", 4.9)
    assert "at least 5 s" in refused(capsys, folder, "generate", "short.wav")


def test_too_long(capsys, folder):
    soundfile.write("long.wav", np.zeros(RATE * 1801, np.int16), RATE, subtype="PCM_U8")
    assert "longer than 30 minutes" in refused(capsys, folder, "generate", "long.wav")


def test_silence(capsys, folder):
    noise("silence.wav", 8, gain=0)
    assert "silent" in refused(capsys, folder, "generate", "silence.wav")


def test_cut_short(capsys, folder):
    whole = noise(folder / "song.wav", 20).read_bytes()
    (folder / "song.wav").write_bytes(whole[: len(whole) // 2])
    assert "header promises" in refused(capsys, folder, "generate", "song.wav")


def test_an_output_that_exists(capsys, folder):
    made = folder / "out" / "BeatHeritage - First Light.osz"
    made.parent.mkdir()
    made.write_bytes(b"a map")
    assert "--overwrite" in refused(capsys, folder, "generate", DEMO)
    assert made.read_bytes() == b"a map"


def test_an_output_folder_that_is_a_file(capsys, folder):
    (folder / "out").write_text("not a folder")
    assert "is not a folder" in refused(capsys, folder, "generate", DEMO, "-o", "out/deeper")


def test_an_output_that_is_a_folder(capsys, folder):
    (folder / "out" / "BeatHeritage - First Light.osz").mkdir(parents=True)
    assert "is a folder" in refused(capsys, folder, "generate", DEMO, "--overwrite")


def test_an_output_folder_without_permission(capsys, folder, monkeypatch):
    # Root may write anywhere, so the system's answer is what has to be set.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "cannot be written to" in refused(capsys, folder, "generate", DEMO)


def test_a_range_of_a_map_that_is_not_there(capsys, folder):
    words = ["generate", DEMO, "--within", "a.osu", "--start", "0", "--end", "9000"]
    assert "a.osu" in refused(capsys, folder, *words)


def test_ctrl_c(capsys, folder, monkeypatch):
    def interrupt(_plan, _on_progress):
        raise KeyboardInterrupt

    # Where the long work would be.
    monkeypatch.setattr("beatheritage.commands.generate.work", interrupt)
    assert main(["generate", str(DEMO), "--quiet"]) == 130
    assert "stopped" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
)
def test_help(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 0
    assert "beatheritage" in capsys.readouterr().out


def test_no_words_at_all_get_help(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)


def test_a_pipe_that_nobody_reads():
    reading, writing = os.pipe()
    os.close(reading)
    # What is written at once argparse forgives itself.
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    words = [sys.executable, "-m", "beatheritage.cli", "--help"]
    run = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, text=True, env=buffered)
    os.close(writing)
    assert (run.returncode, run.stderr) == (141, "")


def test_help_where_torch_is_not_installed():
    script = WITHOUT_TORCH + (
        "from beatheritage.cli import main\n"
        "for words in (['--help'], ['generate', '--help']):\n"
        "    try: main(words)\n"
        "    except SystemExit as stop: assert not stop.code\n"
        "heavy = {'numpy', 'onnxruntime', 'rich', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "generate" in run.stdout


def test_the_whole_of_generate_imports_without_torch():
    script = WITHOUT_TORCH + (
        "import beatheritage.commands.output, beatheritage.generate.pipeline\n"
        "import beatheritage.engine.models\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_ancestors_script():
    words = ["-cn", "beatheritage_v1", "audio_path=missing.mp3", "gamemode=0", "difficulty=5.5"]
    run = subprocess.run(
        [sys.executable, "inference.py", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr.strip() == "error: missing.mp3: there is no such file"


def test_doctor_fails_without_weights(capsys, tmp_path):
    assert main(["doctor", "--weights", str(tmp_path)]) == 1
    assert "FAIL weights" in capsys.readouterr().out


def test_doctor_is_content_with_sound_weights(capsys, tmp_path):
    (tmp_path / "mapper.onnx").write_bytes(b"weights")
    (tmp_path / MANIFEST).write_text(make_manifest(tmp_path))
    assert main(["doctor", "--weights", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "FAIL" not in told
    assert "rates maps" in told
    (tmp_path / "mapper.onnx").write_bytes(b"weightt")
    assert main(["doctor", "--weights", str(tmp_path)]) == 1
    assert "hash differs" in capsys.readouterr().out


def test_progress_never_goes_back():
    told = [Progress(stage, share) for stage in STAGES for share in (0, 0.5, 1, 1.5)]
    shares = [done_share(STAGES, progress) for progress in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(sum(STAGES.values())) == pytest.approx(1)


def test_timing_as_json(capsys):
    if not (WEIGHTS / MANIFEST).exists():
        pytest.skip("this checkout holds no weights")
    assert main(["timing", str(DEMO), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bpm"] == 150
    assert result["meter"] == 4
    assert 0 <= result["confidence"] <= 1
