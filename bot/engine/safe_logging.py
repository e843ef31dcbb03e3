"""Logs that can't hold what a citizen wrote."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from types import TracebackType
from typing import Any, Dict, Optional, Tuple, Type

import structlog
from structlog.typing import EventDict, WrappedLogger

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Rasa's structured events have constant names; everything else in them may hold a text.
KEPT_KEYS = ("event", "exc_info")
ExcInfo = Tuple[Optional[Type[BaseException]], Optional[BaseException], Optional[TracebackType]]


class PlaceFormatter(logging.Formatter):
    """Write of an exception its class and the places it passed, never its message.

    Rasa puts whole trackers into messages of exceptions.
    """

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's.
        """Return one line for each frame, then the exception's class."""
        frames = traceback.extract_tb(ei[2])
        places = [f'  File "{f.filename}", line {f.lineno}, in {f.name}' for f in frames]
        return "\n".join([*places, ei[0].__name__ if ei[0] else "?"])


def set_up_logging(level: int = logging.WARNING) -> None:
    """Send warnings and worse of all libraries to standard error, without texts.

    Below WARNING Rasa writes messages and slots into plain strings, where nothing can find them.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Sanic's loggers don't propagate: what they write comes out here.
    if logging.lastResort:
        logging.lastResort.setFormatter(PlaceFormatter(FORMAT))
    structlog.configure(
        processors=[_keep_only_the_event, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def silence_warnings() -> None:
    """Drop Python's warnings: Rasa quotes payloads in them. Call it once the server is ready."""
    warnings.simplefilter("ignore")


def _keep_only_the_event(_: WrappedLogger, name: str, event: EventDict) -> Dict[str, Any]:
    kept = {key: event[key] for key in KEPT_KEYS if key in event}
    return {"exc_info": True, **kept} if name == "exception" else kept
