"""`intercup requests`: what a person of the technical team sees of, and does with, one request."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from intercup.commands.terminal import NOT_DONE, Commands, moment, say, warn, with_database
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add the command."""
    requests = commands.add_parser(
        "requests", help="una richiesta: stato e inoltri; disattiva i collegamenti per inoltrare"
    )
    requests.add_argument("what", choices=("show", "revoke"))
    requests.add_argument("number", help="il numero della richiesta, IC-XXXX-XXXX-XXXX")
    requests.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> int:
    number = arguments.number.upper()

    async def work(database: "Database") -> str | None:
        return await (_show if arguments.what == "show" else _revoke)(database, number)

    answer = with_database(load_settings().database_url, work)
    if answer is None:
        warn("errore: nessuna richiesta con questo numero")
        return NOT_DONE
    say(answer)
    return 0


async def _show(database: "Database", number: str) -> str | None:
    """Describe a request without what the citizen wrote and who it is."""
    from intercup.db.tables import Request
    from intercup.services.requests.lookup import requests_where

    found = await requests_where(database, Request.number == number)
    if not found:
        return None
    request, hops = found[0].request, found[0].hops
    lines = [
        f"{request.number}  {moment(request.created_at)}",
        f"tipologia {request.category}, struttura {request.structure or '-'}",
        f"ufficio: {request.office_name}",
        *(f"inoltrata il {moment(hop.at)} a: {hop.to_office}" for hop in hops),
        f"posta dell'ufficio: {found[0].state}",
        f"copia: {'non consegnabile' if found[0].copy_failed else 'nessun problema'}",
    ]
    return "\n".join(lines)


async def _revoke(database: "Database", number: str) -> str | None:
    from intercup.services.requests.forward_links import revoke_links

    async with database.write() as session:
        count = await revoke_links(session, number, datetime.now(UTC))
    return None if count is None else f"collegamenti disattivati: {count}"
