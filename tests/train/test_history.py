"""What is read out of a training run's log."""

import json

import pytest

from beatheritage.errors import InputError
from beatheritage.train.history import LOG, read_history


def history_of(folder, rows, end=""):
    (folder / LOG).write_text("".join(json.dumps(row) + "\n" for row in rows) + end)
    return read_history(folder)


def test_losses_of_both_sides(tmp_path):
    rows = [
        {"step": 10, "seconds": 2.0, "tokens": 1.5},
        {"step": 20, "seconds": 4.0, "tokens": 1.0, "unseen": {"tokens": 1.2}},
    ]
    history = history_of(tmp_path, rows)
    assert history.learnt == {"tokens": ((10, 1.5), (20, 1.0))}
    assert history.unseen == {"tokens": ((20, 1.2),)}
    assert (history.steps, history.seconds, history.sittings) == (20, 4.0, 1)


def test_rows_on_held_out_charts_are_no_training(tmp_path):
    rows = [
        {"step": 20, "kind": "train", "seconds": 3.0, "sum": 9.0},
        {"step": 20, "kind": "validation", "seconds": 4.0, "sum": 9.5},
    ]
    history = history_of(tmp_path, rows)
    assert history.learnt == {"sum": ((20, 9.0),)}
    assert history.unseen == {"sum": ((20, 9.5),)}


def test_time_of_every_sitting_counts_and_steps_seen_again_once(tmp_path):
    rows = [
        {"step": 10, "cpu_s": 5.0, "loss": 3.0},
        {"step": 20, "cpu_s": 9.0, "loss": 2.0},
        {"step": 20, "cpu_s": 4.0, "loss": 2.5},
        {"step": 30, "cpu_s": 8.0, "loss": 1.0},
    ]
    history = history_of(tmp_path, rows)
    assert (history.seconds, history.sittings, history.clock) == (17.0, 2, "CPU time")
    assert history.learnt == {"loss": ((10, 3.0), (20, 2.5), (30, 1.0))}


def test_a_line_that_was_cut_short_is_skipped(tmp_path):
    history = history_of(tmp_path, [{"step": 10, "seconds": 1.0, "loss": 3.0}], '{"step": 20, "se')
    assert history.steps == 10


@pytest.mark.parametrize("text", [None, "", "no log\n", "[1]\n"])
def test_no_log_is_one_clear_line(tmp_path, text):
    if text is not None:
        (tmp_path / LOG).write_text(text)
    with pytest.raises(InputError, match="no log of a training run"):
        read_history(tmp_path)
