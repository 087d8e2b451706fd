"""The queue: every job ends once, in order, whatever dies on the way."""

import sqlite3
import time

import pytest

from beatheritage.errors import OptionError, OutputError
from beatheritage.serve import queue
from beatheritage.serve.database import FILE_NAME, FIRST, STEPS, Missing, Studio, open_studio
from beatheritage.serve.maps import one_map
from beatheritage.serve.queue import Asked, Kind, Lost, Sketch, State

ALL = tuple(Kind)


@pytest.fixture
def kept(studio: Studio) -> str:
    with studio.transaction() as connection:
        connection.execute(
            "INSERT INTO songs (id, name, suffix, codec, added, title, artist)"
            " VALUES ('s', 's.mp3', '.mp3', 'mp3', ?, 'S', 'A')",
            (time.time(),),
        )
    return "s"


def waiting(studio: Studio) -> list[int]:
    jobs = [job for job in queue.jobs_since(studio) if job.state is State.WAITING]
    return [job.id for job in sorted(jobs, key=lambda job: job.place)]


def test_jobs_run_in_the_order_in_which_they_came_but_listening_first(studio, kept):
    made = [queue.add_job(studio, kind, kept).id for kind in (Kind.GENERATE, Kind.SPREAD)]
    heard = queue.add_job(studio, Kind.LISTEN, kept).id
    claimed = [queue.claim(studio, ALL) for _ in range(4)]
    assert [job and job.id for job in claimed] == [heard, *made, None]


def test_what_was_asked_comes_back(studio, kept):
    asked = Asked(words=("stars=4",), lines=((12.5, 174.0, 4),), map=3, start=1.0, end=2.0, takes=2)
    job = queue.add_job(studio, Kind.RANGE, kept, asked)
    assert queue.one_job(studio, job.id).asked == asked


def test_a_done_job_has_its_maps_and_ends_once(studio, kept):
    queue.add_job(studio, Kind.GENERATE, kept)
    job = queue.claim(studio, ALL)
    queue.end(studio, job, maps=[("made", b"osu file format v14")], warnings=["hm"])
    done = queue.one_job(studio, job.id)
    assert (done.state, done.warnings, len(done.maps)) == (State.DONE, ("hm",), 1)
    assert one_map(studio, done.maps[0]).content == b"osu file format v14"
    with pytest.raises(Lost):
        queue.end(studio, job, maps=[("again", b"")])
    assert queue.one_job(studio, job.id).maps == done.maps


def test_a_worker_that_was_thought_dead_can_end_nothing(studio, kept):
    queue.add_job(studio, Kind.GENERATE, kept)
    old = queue.claim(studio, ALL)
    queue.recover(studio, blame=False)
    new = queue.claim(studio, ALL)
    assert new.attempt == old.attempt + 1
    for late in (lambda: queue.end(studio, old), lambda: queue.fail(studio, old, "x")):
        with pytest.raises(Lost):
            late()
    with pytest.raises(Lost):
        queue.tell(studio, old, "writing", 0.5)
    queue.end(studio, new)
    assert queue.one_job(studio, new.id).state is State.DONE


def test_what_takes_its_worker_down_each_time_has_failed(studio, kept):
    job = queue.add_job(studio, Kind.GENERATE, kept)
    for _ in range(queue.MOST_ATTEMPTS):
        assert queue.one_job(studio, job.id).state is State.WAITING
        queue.claim(studio, ALL)
        queue.recover(studio, blame=True)
    failed = queue.one_job(studio, job.id)
    assert failed.state is State.FAILED
    assert "again and again" in failed.error


def test_a_server_that_is_ended_often_costs_no_job(studio, kept):
    job = queue.add_job(studio, Kind.GENERATE, kept)
    for _ in range(2 * queue.MOST_ATTEMPTS):
        assert queue.claim(studio, ALL).id == job.id
        queue.recover(studio, blame=False)
    assert queue.one_job(studio, job.id).state is State.WAITING


@pytest.mark.parametrize("runs", [False, True])
def test_cancelling(studio, kept, runs):
    job = queue.add_job(studio, Kind.GENERATE, kept)
    claimed = queue.claim(studio, ALL) if runs else None
    assert queue.cancel(studio, job.id).state is State.CANCELLED
    assert queue.claim(studio, ALL) is None
    if claimed is not None:
        with pytest.raises(Lost):
            queue.tell(studio, claimed, "writing", 0.5)
    again = queue.retry(studio, job.id)
    assert again.state is State.WAITING
    assert queue.claim(studio, ALL).attempt == 1 + runs


def test_what_is_done_is_neither_cancelled_nor_tried_again(studio, kept):
    queue.add_job(studio, Kind.GENERATE, kept)
    job = queue.claim(studio, ALL)
    queue.end(studio, job)
    assert queue.cancel(studio, job.id).state is State.DONE
    with pytest.raises(OptionError):
        queue.retry(studio, job.id)


def test_moving(studio, kept):
    first, second, third = (queue.add_job(studio, Kind.GENERATE, kept).id for _ in range(3))
    queue.move(studio, third, before=first)
    assert waiting(studio) == [third, first, second]
    queue.move(studio, third, before=second)
    assert waiting(studio) == [first, third, second]
    queue.move(studio, first, before=None)
    assert waiting(studio) == [third, second, first]


def test_every_change_is_seen_once_and_in_order(studio, kept):
    first = queue.add_job(studio, Kind.GENERATE, kept)
    second = queue.add_job(studio, Kind.GENERATE, kept)
    seen = queue.jobs_since(studio)
    assert [job.id for job in seen] == [first.id, second.id]
    assert queue.latest_change(studio) == seen[-1].change
    queue.cancel(studio, first.id)
    news = queue.jobs_since(studio, seen[-1].change)
    assert [job.id for job in news] == [first.id]


def test_a_studio_is_found_again_as_it_was(studio, kept):
    queue.add_job(studio, Kind.GENERATE, kept)
    assert len(queue.jobs_since(open_studio(studio.folder))) == 1


def test_jobs_of_songs_that_are_not_there(studio):
    with pytest.raises(Missing):
        queue.add_job(studio, Kind.GENERATE, "nothing")
    with pytest.raises(Missing):
        queue.one_job(studio, 7)


def test_a_sketch_is_there_while_its_job_runs(studio, kept):
    queue.add_job(studio, Kind.GENERATE, kept)
    job = queue.claim(studio, ALL)
    assert queue.sketch_of(studio, job.id) is None
    for count in (3, 9):
        queue.tell(studio, job, "writing", count / 10, Sketch(written=count, content=b"%d" % count))
        assert queue.one_job(studio, job.id).written == count
        assert queue.sketch_of(studio, job.id) == b"%d" % count
    queue.end(studio, job)
    assert queue.sketch_of(studio, job.id) is None
    with pytest.raises(Missing):
        queue.sketch_of(studio, 7)


def test_a_folder_of_an_earlier_version_is_brought_up_to_date(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.executescript(FIRST)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO songs (id, name, suffix, codec, added, title, artist)"
        " VALUES ('s', 's.mp3', '.mp3', 'mp3', 0, 'S', 'A')"
    )
    connection.commit()
    connection.close()
    for _ in range(2):
        studio = open_studio(tmp_path)
        assert queue.add_job(studio, Kind.GENERATE, "s").written == 0


def test_a_folder_of_a_later_version_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    with pytest.raises(OutputError, match="later version"):
        open_studio(tmp_path)
