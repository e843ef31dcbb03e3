"""Helpers of all commands: terminal output, database access, orderly shutdown."""

import argparse
import asyncio
import os
import pwd
import re
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from intercup.errors import ConfigurationError
from intercup.log import set_up_logging
from intercup.private_files import make_private
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]

NOT_DONE = 1  # exit code
JOURNAL_WAIT = 5.0  # seconds that a command waits for others to leave the journal
STOP_LIMIT = 20.0  # seconds; the supervisor and systemd kill after 30
YES = ("sì", "si")
_FISCAL_CODE = re.compile(r"[A-Z0-9]{16}|\d{11}")


def say(line: str) -> None:
    """Print a line to standard output."""
    print(line)  # noqa: T201


def warn(line: str) -> None:
    """Print a line to standard error."""
    print(line, file=sys.stderr)  # noqa: T201


def moment(when: datetime | float | None) -> str:
    """Format a datetime, or seconds since 1970, in Italian time."""
    from intercup.domain.italian_time import italian_time

    if when is None:
        return "-"
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(when, UTC)
    return f"{italian_time(when)} (ora italiana)"


def confirmed(question: str) -> bool:
    """Return True if the user answers yes."""
    return input(question).strip().lower() in YES


def fiscal_code(typed: str) -> str:
    """Return a typed fiscal code as identity providers send it.

    Raises:
        ConfigurationError: it isn't one.
    """
    code = typed.strip().upper()
    if not _FISCAL_CODE.fullmatch(code):
        raise ConfigurationError(["il codice fiscale ha 16 caratteri, o 11 cifre"])
    return code


def operator() -> str:
    """Return the user of the machine who runs the command, as the desk's log names them.

    The environment isn't asked: with another LOGNAME one person would be two.
    """
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without a name
        name = str(os.getuid())
    return f"comando di {name}"


async def noted(database: "Database", action: str, subject: str, detail: str = "") -> None:
    """Log at the desk what the command is about to show; as for a page."""
    from intercup.services.staff.log import note

    async with database.write() as writing:
        note(writing, operator(), action, time.time(), subject, detail)


def with_database[Result](url: str, work: Callable[["Database"], Awaitable[Result]]) -> Result:
    """Open the database, do the work and close it."""
    from intercup.db.engine import Database

    async def run() -> Result:
        database = Database(url)
        try:
            await database.verify()
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def empty_journal(url: str) -> None:
    """Empty SQLite's journal of deleted words, or say that they are there a while longer."""
    from intercup.errors import Unavailable

    try:
        is_empty = with_database(url, lambda database: database.checkpoint(JOURNAL_WAIT))
    except Unavailable:  # The log has the reason.
        is_empty = False
    if not is_empty:
        warn(
            "attenzione: ciò che è stato eliminato sta ancora nel giornale della base dati"
            " (file -wal); il worker lo svuota entro un minuto da quando nessuno lo usa"
        )


def settings_to_serve(*, sends_mail: bool = False) -> Settings:
    """Load a server process's settings, set up its log, and make its files private.

    Raises:
        ConfigurationError: also if other users can read keys or database in production.
    """
    settings = load_settings(sends_mail=sends_mail)
    set_up_logging(settings.log_format)
    make_private(settings.own_files())
    if not settings.is_demo and (problems := settings.readable_files()):
        raise ConfigurationError(problems)
    return settings


async def until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> int:
    """Run until SIGTERM or Ctrl-C; the orderly shutdown may take STOP_LIMIT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.create_task(work(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await asyncio.wait({working}, timeout=STOP_LIMIT)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return 0
