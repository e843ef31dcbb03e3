"""Logging: one line an event, with ids and classes only, never a person's text or name."""

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

# Their routine lines contain queries, addresses or nothing useful.
TALKATIVE = ("aiohttp.access", "mail.log", "alembic", "sanic", "rasa_sdk")
OURS = ("intercup", "actions")
MINUTE = 60.0  # seconds
# Warnings and errors of one kind per minute, for lines without `extra=SELDOM`.
USUAL_RATE = 30
SELDOM = {"per_minute": 1}
KINDS_MAX = 1_000
# The id of the HTTP request at work, which Rasa, actions and worker log too.
TRACE: ContextVar[str] = ContextVar("trace", default="")
TRACE_HEADER = "X-Request-Id"


def set_up_logging(form: str) -> None:
    """Log to standard error, as "text" or "json"."""
    handler = logging.StreamHandler(sys.stderr)
    text = WithoutValues("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(AsJson() if form == "json" else text)
    handler.addFilter(AtARate())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def trace_of(header: str | None) -> str:
    """Return the id that a proxy or a process of ours sent, else a new one: `1a2b-3c4d`."""
    if header and re.fullmatch(r"[0-9a-f]{4}-[0-9a-f]{4}", header):
        return header
    return f"{secrets.token_hex(2)}-{secrets.token_hex(2)}"


class WithoutValues(logging.Formatter):
    """Formats without the messages of exceptions and the values in libraries' lines.

    Both quote requests: an overlong header, a cookie's name, a row that violates a constraint.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        record.exc_text = None  # another handler may have cached it
        if record.name.partition(".")[0] not in OURS:
            record.message = str(record.msg).partition("\n")[0]
        trace = _trace_in(record)
        return super().formatMessage(record) + (f" [{trace}]" if trace else "")

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's name)
        error = ei[1] if isinstance(ei, tuple) else None
        return "\n".join(_lines_of(error)) if isinstance(error, BaseException) else ""


class AsJson(WithoutValues):
    """Formats each event as a JSON object; `extra={"fields": …}` adds keys."""

    def format(self, record: logging.LogRecord) -> str:
        is_ours = record.name.partition(".")[0] in OURS
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if is_ours else str(record.msg).partition("\n")[0],
        }
        if trace := _trace_in(record):
            event["trace"] = trace
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event | getattr(record, "fields", {}), ensure_ascii=False)


def _trace_in(record: logging.LogRecord) -> str:
    return getattr(record, "trace", "") or TRACE.get()


def _lines_of(error: BaseException) -> Iterator[str]:
    """Yield places and classes of an exception and its causes, the first cause first."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind:
        yield from _lines_of(behind)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    number = getattr(error, "errno", None)
    yield type(error).__qualname__ + (f" {number}" if isinstance(number, int) else "")
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines_of(inner)


class AtARate(logging.Filter):
    """Limits warnings and errors of a kind per minute, and logs the number suppressed.

    Otherwise anybody able to cause a line could fill the disk.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        now, kind = self._clock(), (record.name, str(record.msg))
        since, count = self._seen.get(kind, (now, 0))
        rate: int = getattr(record, "per_minute", USUAL_RATE)
        if now - since >= MINUTE:
            if count > rate:
                record.msg = f"{record.msg} (and {count - rate} more before)"
            since, count = now, 0
        if len(self._seen) >= KINDS_MAX:
            self._seen.clear()
        self._seen[kind] = since, count + 1
        return count < rate
