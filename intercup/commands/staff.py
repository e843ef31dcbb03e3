"""`intercup staff`: the people who may use the desk, and the log of what they do."""

import argparse
import time
from typing import TYPE_CHECKING

from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    fiscal_code,
    moment,
    operator,
    say,
    warn,
    with_database,
)
from intercup.domain.staff import Role
from intercup.errors import ConfigurationError
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add `staff` with its commands."""
    staff = commands.add_parser("staff", help="il presidio tecnico: persone, ruoli, registro")
    parts = staff.add_subparsers(required=True, metavar="AZIONE")
    adding = parts.add_parser("add", help="aggiunge una persona, o ne cambia nome e ruoli")
    adding.add_argument("name", help="nome con cui compare nel registro")
    adding.add_argument(
        "role",
        nargs="+",
        choices=list(Role),
        help=f"{', '.join(Role)}; che cosa apre ciascuno è in docs/desk.md",
    )
    adding.set_defaults(command=add)
    listing = parts.add_parser("list", help="elenca le persone con i ruoli")
    listing.set_defaults(command=show_all)
    removing = parts.add_parser("remove", help="toglie una persona e chiude i suoi accessi")
    removing.add_argument("name")
    removing.set_defaults(command=remove)
    logging = parts.add_parser("log", help="mostra che cosa è stato guardato e cambiato")
    logging.add_argument("--last", type=int, default=200, help="quante voci (200)")
    logging.set_defaults(command=show_log)


def add(arguments: argparse.Namespace) -> int:
    """Add a member, by a fiscal code that is asked for and not stored."""
    from intercup.services.ids import person_key
    from intercup.services.staff import members
    from intercup.services.staff.log import note

    name, settings = arguments.name.strip(), load_settings()
    if not name.isprintable() or not 0 < len(name) <= members.NAME_MAX:
        raise ConfigurationError([f"il nome ha da 1 a {members.NAME_MAX} caratteri"])
    key = person_key(settings.secret_key, fiscal_code(input("Codice fiscale: ")))
    roles = {Role(role) for role in arguments.role}

    async def work(database: "Database") -> bool:
        now = time.time()
        async with database.write() as writing:
            is_new = await members.add(writing, key, name, roles, now)
            note(writing, operator(), "staff_added", now, name, " ".join(sorted(roles)))
            return is_new

    try:
        is_new = with_database(settings.database_url, work)
    except members.NameTaken:
        warn("errore: un'altra persona ha già questo nome")
        return NOT_DONE
    say("aggiunta" if is_new else "cambiata")
    return 0


def show_all(_arguments: argparse.Namespace) -> int:
    """List the members with their roles."""
    from intercup.services.staff.members import members

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            for member, since in await members(reading):
                say(f"{member.name}  {' '.join(sorted(member.roles))}  dal {moment(since)}")
        return 0

    return with_database(load_settings().database_url, work)


def remove(arguments: argparse.Namespace) -> int:
    """Remove a member; open sessions end at once."""
    from intercup.services.staff import members
    from intercup.services.staff.log import note

    async def work(database: "Database") -> bool:
        async with database.write() as writing:
            if removed := await members.remove(writing, arguments.name):
                note(writing, operator(), "staff_removed", time.time(), arguments.name)
            return removed

    if not with_database(load_settings().database_url, work):
        warn("errore: nessuna persona con questo nome")
        return NOT_DONE
    say("tolta")
    return 0


def show_log(arguments: argparse.Namespace) -> int:
    """Print the newest entries of the desk's log, newest first."""
    from intercup.services.staff.log import events
    from intercup.texts import TEXTS

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            for event in await events(reading, arguments.last):
                about = f"{event.subject}  {event.detail}".strip()
                action = TEXTS(f"desk_action.{event.action}")
                say(f"{moment(event.at)}  {event.who}  {action}  {about}".rstrip())
        return 0

    return with_database(load_settings().database_url, work)
