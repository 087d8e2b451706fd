from pathlib import Path

from beatheritage.evaluate.shelf import MADE_BY, PACKAGE, Shelf, code_key, weights_key


def shelf(folder: Path, maker: str = "one") -> Shelf:
    return Shelf(folder=folder, makers={"map": maker, "timing": "other"})


def test_an_answer_is_worked_out_once(tmp_path: Path):
    asked = []

    def answer():
        asked.append(1)
        return {"value": 1.5, "name": "ü"}

    first = shelf(tmp_path).kept("map", {"song": "a"}, answer)
    assert (
        shelf(tmp_path).kept("map", {"song": "a"}, answer) == first == {"value": 1.5, "name": "ü"}
    )
    assert len(asked) == 1


def test_another_question_or_maker_has_another_answer(tmp_path: Path):
    shelf(tmp_path).put("map", {"song": "a"}, {"value": 1})
    assert shelf(tmp_path).kept("map", {"song": "b"}, lambda: {"value": 2}) == {"value": 2}
    assert shelf(tmp_path, "two").kept("map", {"song": "a"}, lambda: {"value": 3}) == {"value": 3}
    assert shelf(tmp_path).kept("timing", {"song": "a"}, lambda: {"value": 4}) == {"value": 4}
    assert shelf(tmp_path, "two").kept("timing", {"song": "a"}, dict) == {"value": 4}
    assert shelf(tmp_path).kept("map", {"song": "a"}, lambda: {"value": 5}) == {"value": 1}


def test_a_damaged_answer_is_worked_out_anew(tmp_path: Path):
    shelf(tmp_path).put("map", {"song": "a"}, {"value": 1})
    (file,) = tmp_path.iterdir()
    file.write_text('{"value": ')
    assert shelf(tmp_path).kept("map", {"song": "a"}, lambda: {"value": 2}) == {"value": 2}
    assert shelf(tmp_path).kept("map", {"song": "a"}, lambda: {"value": 3}) == {"value": 2}


def test_comments_do_not_count_as_code(tmp_path: Path):
    file = tmp_path / "part" / "file.py"
    file.parent.mkdir()
    file.write_text("value = 1  # one\n")
    first = code_key(["part"], tmp_path)
    file.write_text("# the first\nvalue = (1)\n")
    assert code_key(["part"], tmp_path) == code_key(["part/file.py"], tmp_path) == first
    file.write_text("value = 2\n")
    assert code_key(["part"], tmp_path) != first


def test_other_weights_have_another_key(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}")
    first = weights_key(tmp_path)
    (tmp_path / "manifest.json").write_text('{"mapper.onnx": "12"}')
    assert weights_key(tmp_path) != first
    assert len(first) == 12


def test_the_code_that_answers_hang_on_is_there():
    missing = [
        part for parts in MADE_BY.values() for part in parts if not (PACKAGE / part).exists()
    ]
    assert missing == []
