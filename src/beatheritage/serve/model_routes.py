"""Models over HTTP: what there is, and downloads."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from beatheritage.config import nearest
from beatheritage.errors import OptionError
from beatheritage.osu.mode import Mode
from beatheritage.serve.models import MODELS, Downloads, model_named, shown

router = APIRouter(prefix="/api/models", tags=["models"])


class Named(BaseModel):
    """A model, and the mode to have it for: some have a checkpoint of its own for each."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64)
    mode: str = Field(default="std", max_length=16)


def mode_named(mode: str) -> Mode:
    """A mode by its name. Raises OptionError."""
    names = [each.name.lower() for each in Mode]
    if mode not in names:
        raise OptionError(f"there is no mode {mode!r}", mend=nearest(mode, names))
    return Mode[mode.upper()]


async def mode_of(mode: str = "std") -> Mode:
    """The mode that a request asks for. Raises OptionError."""
    return mode_named(mode)


@router.get("")
def every(request: Request, mode: Annotated[Mode, Depends(mode_of)]) -> list[dict[str, Any]]:
    """Every model: whether its weights are here, how large they are, how far a download is."""
    return [shown(model, mode, downloads_of(request)) for model in MODELS]


@router.post("/download", status_code=202)
def download(request: Request, wanted: Named) -> dict[str, Any]:
    """Have a model's weights come; what had come before is not asked for again."""
    mode, downloads = mode_named(wanted.mode), downloads_of(request)
    downloads.start(wanted.name, mode)
    return shown(model_named(wanted.name), mode, downloads)


@router.post("/stop")
def stop(request: Request, wanted: Named) -> dict[str, Any]:
    """No more of a download for now."""
    downloads = downloads_of(request)
    model = model_named(wanted.name)
    downloads.stop(wanted.name)
    return shown(model, mode_named(wanted.mode), downloads)


def downloads_of(request: Request) -> Downloads:
    return request.app.state.downloads
