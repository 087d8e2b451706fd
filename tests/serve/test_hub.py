"""The stream of changes: each to every listener, in order; who is too far behind comes again."""

import asyncio
import json

import pytest

from beatheritage.serve import hub as hubs
from beatheritage.serve import queue
from beatheritage.serve.hub import STILL_HERE, Hub
from beatheritage.serve.queue import Kind


def heard(hub: Hub, change, count: int) -> list:
    """What each of two listeners hears while something changes."""

    async def listen() -> list:
        watching = asyncio.create_task(hub.watch())
        await asyncio.sleep(0.05)
        with hub.listening() as one, hub.listening() as other:
            change()
            told = [[await listener.get() for _ in range(count)] for listener in (one, other)]
        watching.cancel()
        return told

    return asyncio.run(asyncio.wait_for(listen(), 20))


@pytest.fixture
def add(studio):
    with studio.transaction() as connection:
        connection.execute(
            "INSERT INTO songs (id, name, suffix, codec, added, title, artist)"
            " VALUES ('s', 's.mp3', '.mp3', 'mp3', 0, 'S', 'A')"
        )
    return lambda: queue.add_job(studio, Kind.GENERATE, "s")


def test_every_listener_hears_every_change_in_order(studio, add):
    jobs = []
    one, other = heard(Hub(studio), lambda: jobs.extend((add(), add())), 2)
    assert one == other
    assert [news.change for news in one] == [job.change for job in jobs]
    said = one[0].event.partition("data: ")[2]
    assert json.loads(said)["id"] == jobs[0].id


def test_who_is_too_far_behind_is_told_to_go(studio, add):
    (told, _) = heard(Hub(studio, most_news=2), lambda: [add() for _ in range(3)], 1)
    assert told == [None]


def test_silence_has_signs_of_life(studio, monkeypatch):
    monkeypatch.setattr(hubs, "STILL_HERE_S", 2 * hubs.LOOK_EVERY_S)
    assert heard(Hub(studio), lambda: None, 2) == [[STILL_HERE] * 2] * 2


def test_a_hub_that_closes_tells_everyone(studio):
    hub = Hub(studio)
    assert heard(hub, hub.close, 1) == [[None], [None]]
