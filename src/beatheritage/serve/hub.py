"""One look at the queue for every listener: changes are read once and handed to all."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import NamedTuple

from beatheritage.serve.database import Studio
from beatheritage.serve.queue import Job, jobs_since, latest_change

LOOK_EVERY_S = 0.1
STILL_HERE_S = 15.0
MOST_NEWS = 10_000  # a listener that is so far behind comes again and asks for what it missed


class News(NamedTuple):
    """A job that changed, as the stream says it: written once, for however many listen. A sign of
    life is no change."""

    change: int | None
    event: str


STILL_HERE = News(None, ": still here\n\n")


def news_of(job: Job) -> News:
    return News(job.change, f"id: {job.change}\ndata: {json.dumps(asdict(job))}\n\n")


class Hub:
    """Jobs that change, to whoever listens; None tells a listener to go."""

    def __init__(self, studio: Studio, most_news: int = MOST_NEWS) -> None:
        self.studio, self.most_news = studio, most_news
        self.closed = False
        self._listeners: set[asyncio.Queue[News | None]] = set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[News | None]]:
        listener: asyncio.Queue[News | None] = asyncio.Queue(self.most_news)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def watch(self) -> None:
        """Look for changes for ever."""
        since = await asyncio.to_thread(latest_change, self.studio)
        silent_s = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._listeners:
                continue
            changed = await asyncio.to_thread(jobs_since, self.studio, since)
            for job in changed:
                since = max(since, job.change)
                self._hand_out(news_of(job))
            silent_s = 0.0 if changed else silent_s + LOOK_EVERY_S
            if silent_s >= STILL_HERE_S:
                silent_s = 0.0
                self._hand_out(STILL_HERE)

    def close(self) -> None:
        """Every listener goes."""
        self.closed = True
        self._hand_out(None)

    def _hand_out(self, news: News | None) -> None:
        for listener in list(self._listeners):
            if listener.full():
                while not listener.empty():
                    listener.get_nowait()
                listener.put_nowait(None)
            else:
                listener.put_nowait(news)
