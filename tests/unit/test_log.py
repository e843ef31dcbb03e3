"""Lines of the log: no values of others, and not too many."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from intercup.log import SELDOM, TRACE, USUAL_RATE, AsJson, AtARate, WithoutValues, trace_of

SECRET = "Agata Lo Presti"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def written(clock: Clock) -> Iterator[io.StringIO]:
    """Log records of any logger."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutValues("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(AtARate(clock))
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def fail() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"not a number: {SECRET}") from error


def test_an_exception_is_told_by_class_and_place_and_so_is_its_cause(
    written: io.StringIO,
) -> None:
    try:
        fail()
    except RuntimeError:
        logging.getLogger("intercup.web").exception("page failed")
    lines = written.getvalue().splitlines()
    assert lines[0] == "ERROR intercup.web: page failed"
    assert [line for line in lines[1:] if not line.startswith("  File")] == [
        "ValueError",
        "RuntimeError",
    ]
    assert "in fail" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_every_exception_of_a_group_is_told_without_its_words(written: io.StringIO) -> None:
    group = ExceptionGroup(SECRET, [ValueError(SECRET), OSError(28, SECRET)])
    logging.getLogger("intercup").error("failed", exc_info=group)
    assert written.getvalue().splitlines()[1:] == ["ExceptionGroup", "ValueError", "OSError 28"]


def test_what_a_library_fills_in_is_left_out(written: io.StringIO) -> None:
    logging.getLogger("aiohttp.internal").warning("Illegal cookie name %r", SECRET)
    logging.getLogger("asyncio").error(f"Task failed\nfuture: ValueError({SECRET!r})")
    logging.getLogger("intercup").warning("login refused: %s", "expired")
    assert written.getvalue().splitlines() == [
        "WARNING aiohttp.internal: Illegal cookie name %r",
        "ERROR asyncio: Task failed",
        "WARNING intercup: login refused: expired",
    ]


def test_lines_of_one_kind_have_a_rate_and_what_was_held_is_counted(
    written: io.StringIO, clock: Clock
) -> None:
    log = logging.getLogger("intercup")
    for number in range(1_000):
        log.warning("refused: %d", number)
    log.warning("another kind")
    assert len(written.getvalue().splitlines()) == USUAL_RATE + 1
    clock.now = 61.0
    log.warning("refused: %d", 7)
    assert written.getvalue().splitlines()[-1].endswith("refused: 7 (and 970 more before)")


def test_a_line_that_is_said_seldom_comes_at_once_and_then_once_a_minute(
    written: io.StringIO, clock: Clock
) -> None:
    for second in range(0, 121, 5):
        clock.now = float(second)
        logging.getLogger("intercup").error("database away", extra=SELDOM)
    assert len(written.getvalue().splitlines()) == 3


def test_what_is_told_of_usual_work_has_no_rate(written: io.StringIO) -> None:
    log = logging.getLogger("intercup")
    log.setLevel(logging.INFO)
    for number in range(100):
        log.info("delivery %d sent", number)
    log.setLevel(logging.NOTSET)
    assert len(written.getvalue().splitlines()) == 100


def test_many_kinds_do_not_fill_the_memory() -> None:
    rate = AtARate()
    for number in range(10_000):
        rate.filter(logging.LogRecord("x", logging.ERROR, "", 0, str(number), (), None))
    assert len(rate._seen) <= 1_000


def as_json(record: logging.LogRecord) -> dict[str, object]:
    event: dict[str, object] = json.loads(AsJson().format(record))
    return event


def test_an_event_in_json_has_its_id_its_fields_and_no_values_of_libraries() -> None:
    record = logging.LogRecord("aiohttp", logging.ERROR, "", 0, "bad cookie %r", (SECRET,), None)
    record.fields = {"status": 400}
    token = TRACE.set("1a2b-3c4d")
    event = as_json(record)
    TRACE.reset(token)
    assert event.pop("time")
    assert event == {
        "level": "ERROR",
        "logger": "aiohttp",
        "message": "bad cookie %r",
        "trace": "1a2b-3c4d",
        "status": 400,
    }


def test_an_exception_in_json_is_told_by_class_and_place() -> None:
    try:
        fail()
    except RuntimeError as error:
        kind = (type(error), error, error.__traceback__)
    record = logging.LogRecord("intercup", logging.ERROR, "", 0, "failed", (), kind)
    event = as_json(record)
    assert str(event["exception"]).endswith("RuntimeError")
    assert SECRET not in str(event)


def test_only_an_id_of_our_form_is_taken_from_outside() -> None:
    assert trace_of("1a2b-3c4d") == "1a2b-3c4d"
    for given in (None, "", SECRET, "1a2b-3c4d\n", "1A2B-3C4D"):
        assert trace_of(given) != given
