import datetime

import pytest

from beatheritage.evaluate.ancestors_bench import (
    BASELINE,
    BATCH,
    FLOAT,
    INT8,
    Took,
    document,
    median,
)


@pytest.fixture
def measured():
    alone = {BASELINE: Took(0.1, 0.2), FLOAT: Took(0.05, 0.04), INT8: Took(0.02, 0.02)}
    song = {BASELINE: Took(600, 900), FLOAT: Took(300, 300), INT8: Took(200, 90)}
    batch = {name: Took(BATCH * each.wall / 4, each.processor) for name, each in alone.items()}
    apart = {name: batch[name] for name in (FLOAT, INT8)}
    return {
        "load": (0.5, 2.0),
        "threads": 2,
        "windows": 3,
        "memory": {FLOAT: 1.4, INT8: 0.8},
        "alone": alone,
        "batch": batch,
        "apart": apart,
        "song": song,
    }


def test_shares_are_of_the_baseline_and_of_one_row(measured):
    text = document(measured, datetime.date(2026, 1, 2))
    assert (
        "| here, float32 | 50.0 ms (40.0) | 0.50 (0.20) | at most 0.5 | 5.0 min (5.0)"
        " | 0.50 (0.33) | at most 0.33 | 1.40 GB | at most 1.6 GB |"
    ) in text
    row = "| here, int8 | 5.0 ms (2.5) | 0.25 (0.12) | at most 0.33 | 5.0 ms (2.5) | 0.25 (0.12) |"
    assert row in text
    assert "| transformers, static cache | 25.0 ms (25.0) | 0.25 (0.12) |  |  |  |" in text
    assert "0.5\nwhen it began, 2.0 when it ended" in text


def test_the_middle_of_each_time_counts():
    assert median([Took(1, 9), Took(3, 1), Took(2, 5)]) == Took(2, 5)
