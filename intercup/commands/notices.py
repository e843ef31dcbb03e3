"""`intercup notices`: notices on pages and in the chat, and the closed chat."""

import argparse
import time
from datetime import datetime
from typing import TYPE_CHECKING

from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    moment,
    operator,
    say,
    warn,
    with_database,
)
from intercup.errors import ConfigurationError
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add `notices` with its commands."""
    notices = commands.add_parser("notices", help="gli avvisi su pagine e chat; la chat chiusa")
    parts = notices.add_subparsers(required=True, metavar="AZIONE")
    parts.add_parser("list", help="quelli in corso e in arrivo").set_defaults(command=show_all)
    adding = parts.add_parser("add", help="pubblica un avviso")
    adding.add_argument("where", help="pages, chat (la chiude), category:ID o structure:ID")
    adding.add_argument("text")
    adding.add_argument("--starts", help="ora italiana, 2026-12-01T08:00; se manca, da subito")
    adding.add_argument("--ends", help="ora italiana; se manca, finché non si toglie")
    adding.set_defaults(command=add)
    ending = parts.add_parser("end", help="toglie un avviso")
    ending.add_argument("id", type=int)
    ending.set_defaults(command=end)


def show_all(_arguments: argparse.Namespace) -> int:
    """List the notices in force and to come."""
    from intercup.services.notices.notices import not_over

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            for each in await not_over(reading, time.time()):
                times = f"da {moment(each.starts_at)} a {moment(each.ends_at)}"
                say(f"{each.id}  {each.where}  {times}  {each.text}")
        return 0

    return with_database(load_settings().database_url, work)


def add(arguments: argparse.Namespace) -> int:
    """Publish a notice.

    Raises:
        ConfigurationError: it has problems, each named.
    """
    from intercup.services.notices import notices
    from intercup.services.staff.log import note
    from intercup.services.structures.structures_file import load_directory
    from intercup.texts import TEXTS

    settings, text = load_settings(), arguments.text.strip()
    starts_at = _moment(arguments.starts) or time.time()
    ends_at = _moment(arguments.ends)
    directory = load_directory(settings.structures_file)
    problems = notices.problems_of_notice(arguments.where, text, starts_at, ends_at, directory)
    if problems:
        raise ConfigurationError([TEXTS(f"notice_problem.{key}") for key in problems.values()])

    async def work(database: "Database") -> int:
        async with database.write() as writing:
            notices.add(writing, arguments.where, text, starts_at, ends_at)
            note(writing, operator(), "notice_added", time.time(), arguments.where, text)
        say("pubblicato")
        return 0

    return with_database(settings.database_url, work)


def end(arguments: argparse.Namespace) -> int:
    """End a notice."""
    from intercup.services.notices import notices
    from intercup.services.staff.log import note

    async def work(database: "Database") -> bool:
        async with database.write() as writing:
            ended = await notices.end(writing, arguments.id, time.time())
            if ended:
                note(writing, operator(), "notice_ended", time.time(), str(arguments.id))
            return ended

    if not with_database(load_settings().database_url, work):
        warn("errore: nessun avviso in corso con questo numero")
        return NOT_DONE
    say("tolto")
    return 0


def _moment(typed: str | None) -> float | None:
    from intercup.domain.italian_time import ROME

    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ROME).timestamp() if typed else None
    except ValueError as error:
        raise ConfigurationError(["le ore si scrivono 2026-12-01T08:00"]) from error
