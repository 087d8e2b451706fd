import pytest

from beatheritage.evaluate.spread import Figure, single
from beatheritage.evaluate.tables import Line, Table, Unit, grid, markdown, shown


@pytest.mark.parametrize(("value", "reached"), [(0.6199, False), (0.62, True), (0.63, True)])
def test_at_least(value: float, reached: bool):
    assert Line(what="F1", figure=single(value, 1, 1), target=0.62).reached is reached


@pytest.mark.parametrize(
    ("value", "reached"), [(0.5, True), (-0.5, True), (0.501, False), (-0.501, False)]
)
def test_at_most_counts_both_ways(value: float, reached: bool):
    line = Line(what="stars", figure=single(value, 1, 1), unit="stars", target=0.5, at_most=True)
    assert line.reached is reached


def test_what_was_not_measured_is_not_judged():
    line = Line(what="F1", figure=None, target=0.62)
    assert line.reached is None
    assert Line(what="F1", figure=single(1, 1, 1)).reached is None
    assert "| F1 | not measured | – | – | 0.620 | – |" in markdown(
        Table(title="T", text="", lines=(line,))
    )


def test_a_line_says_everything():
    figure = Figure(value=0.5, low=0.4, high=0.6, count=9, songs=3)
    text = markdown(
        Table(title="T", text="What it is.", lines=(Line(what="F1", figure=figure, target=0.62),))
    )
    assert text.startswith("## T\n\nWhat it is.\n")
    assert "| F1 | 0.500 | 0.400 to 0.600 | 9 in 3 songs | 0.620 | **no** |" in text


def test_a_table_without_rows_says_so():
    assert "None." in markdown(Table(title="T", text="", head=("song",)))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.954, "%", "95 %"),
        (0.0, "%", "0 %"),
        (0.002, "%", "0.2 %"),
        (0.01, "%", "1 %"),
        (-0.25, "stars", "-0.25"),
        (0.25, "stars", "+0.25"),
        (3, "count", "3"),
        (0.031, "points", "3.1 points"),
        (2.5, "times", "2.50 x"),
        (14.2, "s", "14.20 s"),
    ],
)
def test_values_as_people_read_them(value: float, unit: Unit, text: str):
    assert shown(value, unit) == text


def test_a_cell_cannot_break_the_table():
    assert grid(("a",), [("one | two\nthree",)]).endswith("| one \\| two three |")
