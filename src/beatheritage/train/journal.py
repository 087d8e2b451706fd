"""What a run writes down of itself: a line of JSON now and then, and curves for TensorBoard."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beatheritage.errors import OptionError, OutputError
from beatheritage.train.history import LOG


class Journal:
    """Writes into the folder of a run. ``history.read_history`` reads the log."""

    def __init__(self, run: Path, *, tensorboard: bool) -> None:
        """Raises OptionError where curves are asked for and TensorBoard is not installed."""
        self._path = run / LOG
        self._began = time.monotonic()
        self._curves = _curves(run) if tensorboard else None

    @property
    def seconds(self) -> float:
        """Since this sitting began."""
        return time.monotonic() - self._began

    def write(self, step: int, learnt: Mapping[str, float], unseen: Mapping[str, float]) -> None:
        """Raises OutputError where there is no room."""
        row: dict[str, Any] = {"step": step, "seconds": round(self.seconds, 1), **learnt}
        if unseen:
            row["unseen"] = {name: round(value, 4) for name, value in unseen.items()}
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            reason = error.strerror or ""
            raise OutputError("cannot be written", where=str(self._path), mend=reason) from error
        if self._curves is not None:
            for kind, values in (("learnt", learnt), ("unseen", unseen)):
                for name, value in values.items():
                    self._curves.add_scalar(f"{kind}/{name}", value, step)
            self._curves.flush()


def _curves(run: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        what, mend = f"curves need {error.name}", "pip install 'beatheritage[train]'"
        raise OptionError(what, where="running.tensorboard", mend=mend) from error
    return SummaryWriter(str(run))
