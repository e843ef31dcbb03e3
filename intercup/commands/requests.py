"""`intercup requests`: the technical team's view of one request, and its actions on it."""

import argparse
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    moment,
    noted,
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
    """Add the command."""
    requests = commands.add_parser("requests", help="una richiesta: stato e inoltri")
    parts = requests.add_subparsers(required=True, metavar="AZIONE")
    parts.add_parser(
        "unanswered", help="quelle di cui il cittadino dice che non ha avuto risposta"
    ).set_defaults(command=_list_unanswered)
    opening = parts.add_parser(
        "text", help="mostra il testo del cittadino, per un motivo che chiede"
    )
    opening.add_argument("number", type=str.upper, help="IC-XXXX-XXXX-XXXX")
    opening.set_defaults(command=_open_text)
    for name, work, about in (
        ("show", _show, "dice come va, senza dati del cittadino"),
        ("revoke", _revoke, "disattiva i collegamenti per segnarla o inoltrarla"),
        ("forward", _forward, "la inoltra a un altro ufficio, con il cittadino in copia"),
    ):
        part = parts.add_parser(name, help=about)
        part.add_argument("number", type=str.upper, help="IC-XXXX-XXXX-XXXX")
        part.set_defaults(command=_run, work=work)
    part.add_argument("office", help="platform, STRUTTURA/technical o STRUTTURA/administrative")
    part.add_argument("--note", default="", help="una nota per l'ufficio")


def _run(arguments: argparse.Namespace) -> int:
    async def work(database: "Database") -> str | None:
        return await arguments.work(database, arguments)  # type: ignore[no-any-return]

    return _say(with_database(load_settings().database_url, work))


def _say(answer: str | None) -> int:
    if answer is None:
        warn("errore: nessuna richiesta con questo numero")
        return NOT_DONE
    say(answer)
    return 0


def _open_text(arguments: argparse.Namespace) -> int:
    """Ask for a reason and show the citizen's text, as the page does.

    Raises:
        ConfigurationError: texts aren't opened here, or the reason isn't one.
    """
    from intercup.errors import NotFound
    from intercup.services.requests.open_text import NoReason, open_text
    from intercup.texts import TEXTS

    settings = load_settings()
    if not settings.desk_shows_texts:
        raise ConfigurationError(["desk_shows_texts: è spento, i testi non si aprono"])
    reason = input("Motivo: ")

    async def work(database: "Database") -> str | None:
        try:
            texts = await open_text(database, operator(), arguments.number, reason)
        except NotFound:
            return None
        except NoReason as error:
            problems = [TEXTS(f"desk_problem.{key}") for key in error.problems.values()]
            raise ConfigurationError(problems) from error
        return "\n".join(f"{label}: {text}" for label, text in texts)

    return _say(with_database(settings.database_url, work))


def _list_unanswered(_arguments: argparse.Namespace) -> int:
    """List the requests of /presidio/senza-risposta, and count the answers."""
    from intercup.services.requests.answer import COUNTED, Unanswered, counts, unanswered

    async def read(database: "Database") -> tuple[list[Unanswered], dict[str, int]]:
        async with database.read() as reading:
            return await unanswered(reading), await counts(reading, time.time())

    rows, numbers = with_database(load_settings().database_url, read)
    for row in rows:
        say(f"{row.entry.request.number}  no, {moment(row.told_at)}  {row.entry.office_name}")
    about = ", ".join(f"{name} {count}" for name, count in numbers.items())
    say(f"domande degli ultimi {COUNTED} giorni: {about}")
    return 0


async def _show(database: "Database", arguments: argparse.Namespace) -> str | None:
    """Describe a request without the citizen's identity and text."""
    from intercup.db.tables import Request
    from intercup.services.requests.lookup import requests_where

    found = await requests_where(database, Request.number == arguments.number)
    if not found:
        return None
    await noted(database, "request_seen", arguments.number)
    request, hops, marked = found[0].request, found[0].hops, found[0].marked
    additions, protocol = found[0].additions, request.protocol
    lines = [
        f"{request.number}  {moment(request.created_at)}",
        f"tipologia {request.category}, struttura {request.structure or '-'}",
        *([f"protocollo: {protocol.number} del {protocol.day:%d/%m/%Y}"] if protocol else []),
        f"ufficio: {request.office_name}",
        *(f"inoltrata il {moment(hop.at)} a: {hop.to_office}" for hop in hops),
        f"posta dell'ufficio: {found[0].state}",
        *([f"l'ufficio ha segnato: {marked.state}, {moment(marked.at)}"] if marked else []),
        *(f"aggiunta: {added.kind}, {moment(added.at)}, {added.state}" for added in additions),
        f"copia: {'non consegnabile' if found[0].copy_failed else 'nessun problema'}",
    ]
    return "\n".join(lines)


async def _revoke(database: "Database", arguments: argparse.Namespace) -> str | None:
    from intercup.services.requests.forward_links import revoke_links
    from intercup.services.staff.log import note

    async with database.write() as session:
        now = datetime.now(UTC)
        count = await revoke_links(session, arguments.number, now)
        if count is not None:
            note(session, operator(), "links_revoked", now.timestamp(), arguments.number)
    return None if count is None else f"collegamenti disattivati: {count}"


async def _forward(database: "Database", arguments: argparse.Namespace) -> str | None:
    from intercup.domain.forwarding import form_to
    from intercup.services.requests.forward import IncompleteForward
    from intercup.services.requests.readdress import NotReaddressed, Team, forward_for_team
    from intercup.services.structures.versions import directory_now
    from intercup.texts import TEXTS

    settings = load_settings()
    directory = await directory_now(database, settings.structures_file)
    team = Team(directory, settings.mails, operator())
    form = form_to(arguments.office, arguments.note)
    try:
        office = await forward_for_team(database, team, arguments.number, form, datetime.now(UTC))
    except NotReaddressed:
        return None
    except IncompleteForward as error:
        mailbox = team.directory.platform_mailbox
        problems = [
            TEXTS(f"forward_problem.{key}", mailbox=mailbox) for key in error.problems.values()
        ]
        raise ConfigurationError(problems) from error
    return f"inoltrata a: {office.name}"
