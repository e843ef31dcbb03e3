"""Logs without citizens' texts."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from types import TracebackType
from typing import Any, Dict, Optional, TextIO, Tuple, Type, Union

import structlog
from structlog.typing import EventDict, WrappedLogger

# Below it Rasa logs messages and slots as plain strings, which can't be filtered.
LEVEL = logging.WARNING
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Rasa's structured events have constant names; all other keys may contain a text.
KEPT_KEYS = ("event", "exc_info")
OF_LIBRARIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
ExcInfo = Tuple[Optional[Type[BaseException]], Optional[BaseException], Optional[TracebackType]]


class PlaceFormatter(logging.Formatter):
    """Format an exception as class and places, never its message.

    Rasa puts whole trackers into exception messages.
    """

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's.
        """Return one line for each frame, then the exception's class."""
        frames = traceback.extract_tb(ei[2])
        places = [f'  File "{f.filename}", line {f.lineno}, in {f.name}' for f in frames]
        return "\n".join([*places, ei[0].__name__ if ei[0] else "?"])


def set_up_logging() -> None:
    """Log warnings and errors of all libraries to standard error, without texts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=LEVEL, force=True)
    # Sanic's loggers don't propagate: their lines use the last resort handler.
    if logging.lastResort:
        logging.lastResort.setFormatter(PlaceFormatter(FORMAT))
    warnings.showwarning = _log_the_place
    structlog.configure(
        processors=[_keep_only_the_event, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(LEVEL),
        cache_logger_on_first_use=True,
    )


def _keep_only_the_event(_: WrappedLogger, name: str, event: EventDict) -> Dict[str, Any]:
    kept = {key: event[key] for key in KEPT_KEYS if key in event}
    return {"exc_info": True, **kept} if name == "exception" else kept


def _log_the_place(
    message: Union[Warning, str],
    category: Type[Warning],
    filename: str,
    lineno: int,
    file: Optional[TextIO] = None,
    line: Optional[str] = None,
) -> None:
    """Log a Python warning without its text, in which Rasa quotes payloads."""
    if not issubclass(category, OF_LIBRARIES):
        logging.getLogger("py.warnings").warning("%s at %s:%d", category.__name__, filename, lineno)
