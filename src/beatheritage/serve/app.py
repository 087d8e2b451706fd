"""The studio as a web application: the API, the page, and who is let in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from beatheritage import __version__
from beatheritage.errors import UserError
from beatheritage.serve import job_routes, map_routes, model_routes, option_routes, song_routes
from beatheritage.serve.database import Missing, Studio
from beatheritage.serve.guard import Door, Guard
from beatheritage.serve.hub import Hub
from beatheritage.serve.models import Downloads
from beatheritage.serve.page import STATIC, Pieces


def create_app(studio: Studio, door: Door) -> FastAPI:
    """The application for one start of the server."""
    app = FastAPI(
        title="BeatHeritage",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan,
    )
    app.state.studio, app.state.hub, app.state.downloads = studio, Hub(studio), Downloads()
    app.add_middleware(Guard, door=door)
    app.add_exception_handler(UserError, _refused)
    app.add_exception_handler(RequestValidationError, _misspelt)
    for routes in (song_routes, job_routes, map_routes, model_routes, option_routes):
        app.include_router(routes.router)
    app.include_router(job_routes.events)
    pieces = Pieces(STATIC)
    app.add_api_route("/", _page(door, pieces), methods=["GET"], include_in_schema=False)
    app.add_api_route("/api/docs", _docs(pieces), methods=["GET"], include_in_schema=False)
    app.mount("/static", pieces, name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    hub: Hub = app.state.hub
    watching = asyncio.create_task(hub.watch())
    yield
    hub.close()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def _page(door: Door, pieces: Pieces) -> Any:
    async def page(request: Request) -> Response:
        """The page; with it the browser gets the token of this start, for this site alone."""
        response = pieces.known["index.html"].answer(request.headers)
        response.set_cookie(door.cookie, door.token, httponly=True, samesite="strict")
        return response

    return page


def _docs(pieces: Pieces) -> Any:
    async def docs(request: Request) -> Response:
        """The API described, from our own files: FastAPI's page loads its scripts elsewhere."""
        return pieces.known["docs.html"].answer(request.headers)

    return docs


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, UserError)
    told = {"what": error.what, "where": error.where, "mend": error.mend}
    return JSONResponse(told, status_code=404 if isinstance(error, Missing) else 400)


async def _misspelt(_request: Request, error: Exception) -> JSONResponse:
    """A request that is not of the API's shape, in the same words as every other refusal."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"what": first["msg"], "where": where, "mend": ""}, status_code=422)
