"""Logs without citizens' texts."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
import warnings
from contextvars import ContextVar
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, Dict, Optional, TextIO, Tuple, Type, Union

import structlog
from structlog.typing import EventDict, WrappedLogger

# Below it Rasa logs messages and slots as plain strings, which can't be filtered.
LEVEL = logging.WARNING
# The id of the HTTP request at work, from the gateway.
TRACE: ContextVar[str] = ContextVar("trace", default="")
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

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's.
        """Return the line, with the request's id at the end."""
        return super().formatMessage(record) + (f" [{TRACE.get()}]" if TRACE.get() else "")


class JsonFormatter(PlaceFormatter):
    """Format an event as a JSON object, with the keys of the other processes' logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        at = datetime.fromtimestamp(record.created, timezone.utc)
        event = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if TRACE.get():
            event["trace"] = TRACE.get()
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


def set_up_logging() -> None:
    """Log warnings and errors of all libraries to standard error, without texts."""
    handler = logging.StreamHandler(sys.stderr)
    is_json = os.environ.get("INTERCUP_LOG_FORMAT") == "json"
    formatter = JsonFormatter() if is_json else PlaceFormatter(FORMAT)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=LEVEL, force=True)
    # Sanic's loggers don't propagate: their lines use the last resort handler.
    if logging.lastResort:
        logging.lastResort.setFormatter(formatter)
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
