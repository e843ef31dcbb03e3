"""Lines of the log: no values of others, and not too many."""

import io
import logging
from collections.abc import Iterator

import pytest

from intercup.log import SELDOM, USUAL_RATE, AtARate, WithoutValues

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
