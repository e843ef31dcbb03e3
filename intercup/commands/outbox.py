"""`intercup outbox`: list, show, retry and readdress deliveries, without citizens' data."""

import argparse
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
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
from intercup.domain.delivery import NOT_ARRIVED, DeliveryState
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.db.tables import Delivery
    from intercup.services.delivery.receipts import Receipt

# Recipients that may be shown; a citizen's address never is.
PUBLIC_ROLES = ("office", "alarm", "mailbox")


def add_parser(commands: Commands) -> None:
    """Add `outbox` with its commands."""
    outbox = commands.add_parser("outbox", help="la posta in uscita: elenco, dettagli, nuovo invio")
    parts = outbox.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser("list", help="elenca le e-mail non consegnate")
    listing.add_argument("--office", default="", help="solo di questo ufficio")
    listing.add_argument("--state", choices=[*DeliveryState], help="solo in questo stato")
    listing.set_defaults(command=show_waiting)
    showing = parts.add_parser(
        "show", help="mostra tutto di alcune consegne, senza dati dei cittadini"
    )
    showing.add_argument("id", nargs="+", type=int)
    showing.set_defaults(command=show_delivery)
    retrying = parts.add_parser(
        "retry", help="rimette in coda le e-mail ferme; senza numeri, tutte"
    )
    retrying.add_argument("id", nargs="*", type=int)
    retrying.add_argument(
        "--without-files",
        action="store_true",
        help="quelle di questi numeri, senza gli allegati: l'ufficio li scarica dalla pagina",
    )
    retrying.set_defaults(command=retry)
    readdressing = parts.add_parser(
        "readdress", help="invia una richiesta ferma alla casella che l'ufficio ha oggi"
    )
    readdressing.add_argument("id", type=int)
    readdressing.set_defaults(command=readdress)


def show_waiting(arguments: argparse.Namespace) -> int:
    """List the deliveries that haven't arrived."""

    async def show(database: "Database") -> int:
        return await _print_waiting(database, arguments.office, arguments.state)

    return _run(show)


def show_delivery(arguments: argparse.Namespace) -> int:
    """Print the details of some deliveries."""
    from intercup.db.tables import Delivery
    from intercup.services.delivery.receipts import receipts_of

    async def show(database: "Database") -> int:
        async with database.read() as session:
            rows = [await session.get(Delivery, id_) for id_ in arguments.id]
            receipts = await receipts_of(session, arguments.id)
        for id_, row in zip(arguments.id, rows, strict=True):
            lines = _details(row, receipts.get(id_, ())) if row else [f"consegna {id_}: non esiste"]
            say("\n".join(lines))
        return 0 if all(rows) else NOT_DONE

    return _run(show)


def retry(arguments: argparse.Namespace) -> int:
    """Queue held or failed deliveries again: the given ones, or all."""
    from intercup.services.delivery import outbox
    from intercup.services.requests.readdress import rerouted
    from intercup.services.staff.log import note
    from intercup.services.structures.versions import directory_now
    from intercup.texts import TEXTS

    async def queue_again(database: "Database") -> int:
        directory = await directory_now(database, load_settings().structures_file)
        async with database.write() as session:
            now = time.time()
            queued = await outbox.retry(
                session, arguments.id, now, without_files=arguments.without_files
            )
            if queued:
                action = outbox.RETRIED[arguments.without_files]
                note(session, operator(), action, now, " ".join(map(str, queued)))
            for id_ in sorted(await rerouted(session, directory, queued)):
                say(
                    f"consegna {id_}: va alla casella di prima; per quella di oggi:"
                    f" intercup outbox readdress {id_}"
                )
        say(f"rimesse in coda: {len(queued)}")
        return await _print_waiting(database)

    try:
        return _run(queue_again)
    except outbox.NotRetried as error:
        warn(f"errore: consegna {error.id_}: {TEXTS(f'desk_done.{error.reason}')}")
        return NOT_DONE


def readdress(arguments: argparse.Namespace) -> int:
    """Send a held mail's request to the office's current mailbox."""
    from intercup.services.requests import readdress as readdressing
    from intercup.services.structures.versions import directory_now
    from intercup.texts import TEXTS

    settings = load_settings()

    async def send(database: "Database") -> int:
        directory = await directory_now(database, settings.structures_file)
        team = readdressing.Team(directory, settings.mails, operator())
        try:
            office = await readdressing.readdress(database, team, arguments.id, datetime.now(UTC))
        except readdressing.NotReaddressed as error:
            warn(f"errore: {TEXTS(f'desk_done.{error.reason}')}")
            return NOT_DONE
        say(f"inviata a: {office.name} ({', '.join(office.addresses)})")
        return 0

    return _run(send)


async def _print_waiting(database: "Database", office: str = "", state: str | None = None) -> int:
    from intercup.services.delivery.desk_list import waiting

    states = [DeliveryState(state)] if state else NOT_ARRIVED
    async with database.read() as session:
        rows = await waiting(session, states, office)
    for row in rows:
        say(
            f"{row.id}  {row.number or '-'}  {row.role}  {row.state}"
            f"  tentativi {row.attempts}  {row.error}"
        )
    say(f"non consegnate: {len(rows)}")
    return 0


def _details(row: "Delivery", receipts: "Sequence[Receipt]") -> list[str]:
    from intercup.texts import TEXTS

    is_queued = row.state == DeliveryState.QUEUED
    shown = {
        "consegna": row.id,
        "richiesta": row.request_number or "-",
        "ruolo": row.role,
        "destinatario": row.recipient if row.role in PUBLIC_ROLES else "(non mostrato)",
        "Message-ID": row.message_id,
        "dimensione": f"{len(row.raw)} byte",
        "stato": row.state,
        "tentativi": row.attempts,
        "interruzioni": row.breaks,
        "ultimo errore": row.last_error or "-",
        "creata": moment(row.created_at),
        "primo tentativo": moment(row.first_attempt_at),
        "prossimo tentativo": moment(row.next_attempt_at if is_queued else None),
        "in mano a": row.lease_owner or "-",
        "in mano fino a": moment(row.lease_until),
        "consegnata": moment(row.sent_at),
    }
    lines = [f"{name}: {value}" for name, value in shown.items()]
    doubt = {True: TEXTS("pec.doubtful"), False: ""}
    return lines + [
        f"ricevuta PEC: {each.kind}{doubt[each.doubtful]}, {moment(each.at)}" for each in receipts
    ]


def _run(work: Callable[["Database"], Awaitable[int]]) -> int:
    return with_database(load_settings().database_url, work)
