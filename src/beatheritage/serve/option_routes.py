"""Options over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from beatheritage.osu.mode import Mode
from beatheritage.serve.model_routes import mode_of
from beatheritage.serve.models import model_named
from beatheritage.serve.options import options

router = APIRouter(prefix="/api/options", tags=["options"])


@router.get("")
async def every(
    mode: Annotated[Mode, Depends(mode_of)],
    model: Annotated[str, Query(max_length=64)] = "",
) -> list[dict[str, Any]]:
    """Every option of the command line but those that name files: what it takes, and why a mode or
    a model has no use for it, where that is so."""
    return list(options(mode, model_named(model).name))
