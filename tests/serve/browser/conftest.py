"""A studio that really listens, and a real browser at it."""

import base64
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import uvicorn

from beatheritage.commands.serve import listen
from beatheritage.errors import UserError
from beatheritage.evaluate.studio.browser import browsing
from beatheritage.serve.app import create_app
from beatheritage.serve.database import open_studio
from beatheritage.serve.guard import Door
from beatheritage.serve.worker import Worker

SIZE = {"width": 1280, "height": 900}
SOON_MS = 300_000
# A song's bytes as a browser hands them over when a file is dropped.
DROPPED = """([base64, name]) => {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "audio/ogg" }));
  return data;
}"""
OPENED = "() => globalThis.studio"
OURS = re.compile(r"|/static/.+|/api/docs|/api/openapi.json")  # pages, and no part of the API

Visiting = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio that really listens, with its worker."""
    studio = open_studio(tmp_path_factory.mktemp("browser"))
    listener = listen("127.0.0.1", 0)
    door = Door(host="127.0.0.1", port=listener.getsockname()[1], token="of this test")
    server = uvicorn.Server(uvicorn.Config(create_app(studio, door), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    worker = Worker(studio)
    thread.start()
    worker.start()
    yield f"http://127.0.0.1:{door.port}"
    server.should_exit = True
    thread.join()
    worker.stop()


@pytest.fixture(scope="module")
def visiting(address: str) -> Iterator[Visiting]:
    """Opens the page in a browser of its own. A fault in it fails the test, and so does a request
    to another host or one that the API does not describe."""
    try:
        browser = browsing()
        opened = browser.__enter__()
    except UserError as error:
        pytest.skip(str(error))

    @contextmanager
    def visit(path: str = "/", script: str = "", **how: Any) -> Iterator[Any]:
        context = opened.new_context(viewport=SIZE, **how)
        page = context.new_page()
        faults: list[str] = []
        asked: set[str] = set()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        page.on("request", lambda request: asked.add(request.url.partition("?")[0]))
        page.set_default_timeout(SOON_MS)
        page.add_init_script(script)
        page.goto(address + path)
        if path == "/":
            page.wait_for_function(OPENED)
        yield page
        described = page.request.get(f"{address}/api/openapi.json").json()["paths"]
        context.close()
        assert faults == []
        assert strange(asked, address, described) == []

    yield visit
    browser.__exit__(None, None, None)


def strange(asked: set[str], address: str, described: dict[str, Any]) -> list[str]:
    """The requests that are neither for the page's files nor as the API describes."""
    known = [OURS, *(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in described)]
    here = {url for url in asked if not url.startswith(("blob:", "data:"))}
    paths = {url: url.removeprefix(address).rstrip("/") for url in here}
    return [url for url, path in paths.items() if not any(each.fullmatch(path) for each in known)]


@pytest.fixture(scope="module")
def page(visiting: Visiting, excerpt: bytes) -> Iterator[Any]:
    """The page with the song dropped and heard."""
    with visiting() as page:
        drop(page, excerpt)
        yield page


def drop(page: Any, song: bytes, name: str = "Some One - Song.ogg") -> None:
    """A song dropped onto the page, until its beats are there."""
    dropped = page.evaluate_handle(DROPPED, [base64.b64encode(song).decode(), name])
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    page.wait_for_function("() => studio.song.song?.heard && studio.song.clock.buffer")
    page.wait_for_selector("#runners button")


def make(page: Any, mode: str, stars: str = "3") -> None:
    """Ask for a map and wait until it is shown."""
    page.click("#tab-make")
    page.select_option("#option-mode", mode)
    page.fill("#option-stars", stars)
    before = page.evaluate("studio.map.scene?.id ?? 0")
    page.click("#make-one")
    page.wait_for_selector("#panel-map:visible")
    page.wait_for_function("before => studio.map.scene?.id > before", arg=before)
    assert page.evaluate("studio.map.scene.mode") == mode
