"""The design's rules that a machine can watch: layers, lengths, what may be imported or called."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "beatheritage"
FILES = sorted(PACKAGE.rglob("*.py"))

# What each part may import besides itself.
ALLOWED = {
    "errors": set(),
    "progress": set(),
    "pool": {"errors"},  # who does the work: knows nothing of it
    "cluster": {"errors", "pool"},
    "config": {"errors"},
    "osu": {"errors", "config"},
    "audio": {"errors", "config"},
    "model": {"errors", "config"},
    "tokens": {"errors", "config", "osu"},
    "engine": {"errors", "config"},
    "timing": {"errors", "config", "progress", "audio", "osu", "engine"},
    "dataset": {"errors", "config", "progress", "pool", "osu", "audio", "timing", "tokens"},
    "generate": {
        "errors",
        "config",
        "progress",
        "osu",
        "audio",
        "timing",
        "tokens",
        "engine",
        "review",
    },
    "review": {"errors", "config", "progress", "osu", "audio", "timing"},
    "train": {
        "errors",
        "config",
        "progress",
        "osu",
        "audio",
        "timing",
        "tokens",
        "dataset",
        "model",
        "engine",
    },
    "evaluate": {
        "errors",
        "config",
        "progress",
        "pool",
        "osu",
        "audio",
        "timing",
        "tokens",
        "engine",
        "dataset",
        "generate",
        "review",
    },
}
TOP = {"cli", "commands", "serve", "__init__"}  # may import anything; nothing below imports them
MAY_IMPORT = {  # a file's own right
    "engine/torch.py": {"model"},
    "engine/torch_ancestor.py": {"model"},
    "engine/torch_steps.py": {"model"},
    "engine/torch_whisper.py": {"model"},
    "engine/torch_denoiser.py": {"model"},
    "evaluate/finetuning.py": {"train"},  # what it measures is training
}
TORCH_AT_HOME = ("model/", "train/", "engine/torch")
MAY_PRINT = ("cli.py", "commands/")

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MOST_PARAMETERS = 6
# Rules of thumb have exceptions, each with a name and a reason.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_PARAMETERS = {
    "model/export.py:forward": "ONNX takes its inputs flat",
    "model/placer_export.py:forward": "ONNX takes its inputs flat",
}
SEEDING = {
    "train/beats.py": "a process of its own; torch draws first weights from the global generator",
    "train/first_weights.py": "inside a fork of the global generator, which stays as it was",
}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "processor"}
MOST_BROAD_EXCEPTS = 2


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts_imported(path: Path) -> set[str]:
    found = (name.split(".") for name in imports(path))
    return {words[1] for words in found if words[0] == "beatheritage" and len(words) > 1}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}:{node.name}", node


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows_point_down(path):
    part = part_of(path)
    if part in TOP:
        return
    assert part in ALLOWED, f"{part} has no layer: give it one in this file"
    known = parts_imported(path) & (ALLOWED.keys() | TOP)
    forbidden = known - ALLOWED[part] - {part} - MAY_IMPORT.get(name_of(path), set())
    assert not forbidden, f"{name_of(path)} imports {sorted(forbidden)}"


def test_torch_stays_at_home():
    strangers = [
        name_of(path)
        for path in FILES
        if not name_of(path).startswith(TORCH_AT_HOME)
        and any(name.split(".")[0] in ("torch", "safetensors", "onnx") for name in imports(path))
    ]
    assert strangers == []


def test_files_are_short():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    long = {name for name, length in lengths.items() if length > LONGEST_FILE}
    assert long <= LONG_FILES.keys()


def test_functions_are_short():
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions()}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}
    assert long.keys() <= LONG_FUNCTIONS.keys(), long


def test_functions_take_few_parameters():
    many = set()
    for name, node in functions():
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if sum(argument.arg not in ("self", "cls") for argument in given) > MOST_PARAMETERS:
            many.add(name)
    assert many <= MANY_PARAMETERS.keys()


def prints_of(path: Path) -> Iterator[int]:
    """The lines of prints, but for those of a module's own ``main`` or ``__main__`` block."""
    spoken: set[int] = set()
    for node in nodes(path):
        is_main = isinstance(node, ast.FunctionDef) and node.name == "main"
        if is_main or (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)):
            spoken.update(range(node.lineno, (node.end_lineno or 0) + 1))
    for call in calls(path):
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            yield from {call.lineno} - spoken


def test_library_code_never_prints():
    library = [path for path in FILES if not name_of(path).startswith(MAY_PRINT)]
    printing = [f"{name_of(path)}:{line}" for path in library for line in prints_of(path)]
    assert printing == []


def test_broad_excepts_are_rare():
    broad = [
        name_of(path)
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert len(broad) <= MOST_BROAD_EXCEPTS, broad


def test_names_say_what_is_inside():
    words = chain.from_iterable(path.relative_to(PACKAGE).with_suffix("").parts for path in FILES)
    assert BANNED_NAMES.isdisjoint(words)


def test_nothing_touches_a_global_seed():
    seeds = {"np.random.seed", "random.seed", "torch.manual_seed", "torch.random.manual_seed"}
    seeding = {
        name_of(path) for path in FILES for call in calls(path) if ast.unparse(call.func) in seeds
    }
    assert seeding <= SEEDING.keys()


def test_parts_that_may_not_know_each_other_count_alike():
    """``model`` knows no osu!, ``tokens`` no timing: what both count by, both state."""
    from beatheritage.audio import grid as audio
    from beatheritage.model import mapper
    from beatheritage.timing import grid, score
    from beatheritage.tokens import grammar

    assert mapper.TICKS_PER_BEAT == grid.TICKS_PER_BEAT == grammar.TICKS_PER_BEAT
    assert mapper.POSITIONS_PER_BEAT == audio.POSITIONS_PER_BEAT
    assert mapper.MOST_METER == score.MOST_METER
