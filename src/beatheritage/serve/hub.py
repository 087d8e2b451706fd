"""One look at the queue for every listener: changes are read once and handed to all."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from beatheritage.serve.database import Studio
from beatheritage.serve.queue import Job, jobs_since, latest_change

LOOK_EVERY_S = 0.1
MOST_NEWS = 10_000  # a listener that is so far behind comes again and asks for what it missed


class Hub:
    """Jobs that change, to whoever listens; None tells listeners to go."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.closed = False
        self._listeners: set[asyncio.Queue[Job | None]] = set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Job | None]]:
        news: asyncio.Queue[Job | None] = asyncio.Queue(MOST_NEWS)
        self._listeners.add(news)
        try:
            yield news
        finally:
            self._listeners.discard(news)

    async def watch(self) -> None:
        """Look for changes for ever."""
        since = await asyncio.to_thread(latest_change, self.studio)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._listeners:
                continue
            for job in await asyncio.to_thread(jobs_since, self.studio, since):
                since = max(since, job.change)
                self._hand_out(job)

    def close(self) -> None:
        """Every listener goes."""
        self.closed = True
        self._hand_out(None)

    def _hand_out(self, job: Job | None) -> None:
        for news in list(self._listeners):
            if news.full():
                self._listeners.discard(news)
            else:
                news.put_nowait(job)
