"""`intercup structures`: mailboxes, names and places changed without a release, as at the desk."""

import argparse
import time
from collections.abc import Awaitable, Callable
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
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.services.structures.changes import Changing, Waiting

UNUSABLE = "non più valida: vale il file"


def add_parser(commands: Commands) -> None:
    """Add `structures` with its commands."""
    structures = commands.add_parser(
        "structures", help="caselle, nomi e luoghi delle strutture, cambiati dal presidio"
    )
    parts = structures.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser(
        "list", help="elenca le voci; con un testo, quelle che lo contengono"
    )
    listing.add_argument("text", nargs="?", default="")
    listing.set_defaults(command=show_all)
    showing = parts.add_parser("show", help="mostra una voce, chi l'ha cambiata e che cosa aspetta")
    setting = parts.add_parser(
        "set", help="cambia una voce; per una casella chiede il cambio e invia i codici"
    )
    proving = parts.add_parser("code", help="chiede il codice arrivato a una casella nuova")
    sending = parts.add_parser("send-code", help="invia un altro codice alle caselle nuove")
    confirming = parts.add_parser("confirm", help="conferma il cambio di una casella")
    withdrawing = parts.add_parser("withdraw", help="ritira il cambio di una casella")
    for part, command in (
        (showing, show_one),
        (setting, set_values),
        (proving, prove_mailbox),
        (sending, send_code),
        (confirming, confirm_mailbox),
        (withdrawing, withdraw_mailbox),
    ):
        part.add_argument("field", help="per esempio asp_trapani/technical")
        part.set_defaults(command=command)
    setting.add_argument("value", nargs="*", help="tutti i valori della voce; nessuno la svuota")
    proving.add_argument("address")
    adding = parts.add_parser("add-outside", help="aggiunge un luogo che non è su InterCup")
    adding.add_argument("name", nargs="+", help="i suoi nomi; il primo è quello dell'elenco")
    adding.add_argument("--near", nargs="+", required=True, metavar="STRUTTURA")
    adding.set_defaults(command=add_place)


def show_all(arguments: argparse.Namespace) -> int:
    """List the fields with their values."""
    from intercup.services.structures.changes import waiting_fields
    from intercup.services.structures.versions import all_corrected

    async def work(changing: "Changing") -> int:
        async with changing.database.read() as reading:
            fields = await all_corrected(reading, changing.document)
            asked = await waiting_fields(reading, changing.now)
        for field in fields.values():
            states = {
                "modificata": field.is_edited,
                UNUSABLE: not field.is_usable,
                "il file è cambiato": field.is_outdated,
                "aspetta una conferma": field.key in asked,
            }
            notes = ", ".join(name for name, holds in states.items() if holds)
            line = f"{field.key}  {', '.join(field.values)}{f'  ({notes})' if notes else ''}"
            if arguments.text.casefold() in line.casefold():
                say(line)
        return 0

    return _with_file(work)


def show_one(arguments: argparse.Namespace) -> int:
    """Print a field's values, the file's, its history and the change that waits."""
    from intercup.services.structures.changes import waiting_change
    from intercup.services.structures.versions import all_corrected, history, values_of

    async def work(changing: "Changing") -> int:
        async with changing.database.read() as reading:
            field = (await all_corrected(reading, changing.document)).get(arguments.field)
            versions = await history(reading, arguments.field)
            asked = await waiting_change(reading, arguments.field, changing.now)
        if field is None:
            return _unknown()
        say(f"in uso: {', '.join(field.values)}")
        say(f"nel file: {', '.join(field.in_file)}")
        if not field.is_usable:
            say(f"la modifica è {UNUSABLE}")
        if asked:
            say(_waits(asked))
        for each in versions:
            who = " e ".join(filter(None, (each.who, each.confirmed_by)))
            say(f"{moment(each.at)}  {who}  {', '.join(values_of(each.text))}")
        return 0

    return _with_file(work)


def _waits(asked: "Waiting") -> str:
    codes = ", ".join(
        f"{code.address} {'verificata' if code.proved_at else 'da verificare'}"
        for code in asked.codes
    )
    values = ", ".join(asked.change.text.split("\n"))
    return f"aspetta: {values}  chiesto da {asked.change.who}  {codes}".rstrip()


def set_values(arguments: argparse.Namespace) -> int:
    """Store a field's values, or ask for them.

    Raises:
        ConfigurationError: they aren't valid, each problem named.
    """
    from intercup.services.structures.changes import change
    from intercup.services.structures.versions import all_corrected, as_values

    values = as_values("\n".join(arguments.value))

    async def work(changing: "Changing") -> int:
        async with changing.database.read() as reading:
            field = (await all_corrected(reading, changing.document)).get(arguments.field)
        if field is None:
            return _unknown()
        seen = str(field.version.id if field.version else 0)
        _say(await change(changing, field.key, values, seen))
        return 0

    return _with_file(work)


def add_place(arguments: argparse.Namespace) -> int:
    """Add a place that isn't in InterCup.

    Raises:
        ConfigurationError: it isn't valid, each problem named.
    """
    from intercup.domain.directory import OutsidePlace
    from intercup.services.staff.log import note
    from intercup.services.structures.versions import add_outside, as_values

    place = OutsidePlace(as_values("\n".join(arguments.name)), tuple(arguments.near))

    async def work(changing: "Changing") -> int:
        async with changing.database.write() as writing:
            entry = await add_outside(writing, changing.document, place, changing.who)
            note(writing, changing.who, "place_added", changing.now, entry)
        _say("place_added")
        return 0

    return _with_file(work)


def prove_mailbox(arguments: argparse.Namespace) -> int:
    """Ask for the code that came to a new mailbox, and check it."""
    from intercup.services.structures.changes import prove

    code = input("Codice: ")

    async def work(changing: "Changing") -> int:
        verdict = await prove(changing, await _id(changing, arguments), arguments.address, code)
        _say(f"mailbox_code_{verdict}")
        return 0 if verdict == "right" else NOT_DONE

    return _with_file(work)


def send_code(arguments: argparse.Namespace) -> int:
    """Mail other codes to the new mailboxes."""
    from intercup.services.structures.changes import send_again

    return _act(arguments, send_again, "mailbox_code_sent")


def confirm_mailbox(arguments: argparse.Namespace) -> int:
    """Put a change in force, as its second person."""
    from intercup.services.structures.changes import confirm

    return _act(arguments, confirm, "mailbox_confirmed")


def withdraw_mailbox(arguments: argparse.Namespace) -> int:
    """Take a change back that waits."""
    from intercup.services.structures.changes import withdraw

    return _act(arguments, withdraw, "mailbox_withdrawn")


def _act(
    arguments: argparse.Namespace,
    act: Callable[["Changing", str], Awaitable[object]],
    outcome: str,
) -> int:
    async def work(changing: "Changing") -> int:
        await act(changing, await _id(changing, arguments))
        _say(outcome)
        return 0

    return _with_file(work)


async def _id(changing: "Changing", arguments: argparse.Namespace) -> str:
    from intercup.services.structures.changes import waiting_change

    async with changing.database.read() as reading:
        asked = await waiting_change(reading, arguments.field, changing.now)
    return asked.change.id if asked else ""


def _with_file(work: Callable[["Changing"], Awaitable[int]]) -> int:
    """Do the work with the file's content, as the machine's user."""
    from intercup.services.structures.changes import Changing, NotChanged
    from intercup.services.structures.structures_file import directory_of, document_of
    from intercup.texts import TEXTS

    settings = load_settings()
    document = document_of(settings.structures_file)
    directory_of(document)

    async def run(database: "Database") -> int:
        secret, mails = settings.secret_key, settings.mails
        try:
            return await work(Changing(database, document, secret, mails, operator(), time.time()))
        except NotChanged as error:
            warn(f"errore: {TEXTS(f'desk_done.{error.reason}')}")
            return NOT_DONE

    return with_database(settings.database_url, run)


def _say(outcome: str) -> None:
    from intercup.texts import TEXTS

    say(TEXTS(f"desk_done.{outcome}"))


def _unknown() -> int:
    warn("errore: nessuna voce con questo nome; `intercup structures list` le elenca")
    return NOT_DONE
