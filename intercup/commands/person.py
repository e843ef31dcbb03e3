"""`intercup person export` and `erase`: everything that is stored of one person."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    confirmed,
    empty_journal,
    fiscal_code,
    say,
    warn,
    with_database,
)
from intercup.domain.mailbox import is_mailbox
from intercup.errors import ConfigurationError
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.identity.register_seal import RegisterSeal
    from intercup.services.privacy.person import Found, Wanted

NAMES = {
    "requests": "richieste rese anonime",
    "consents": "consensi, che restano senza persona",
    "deliveries": "e-mail svuotate",
    "receipts": "ricevute PEC, che restano",
    "forwards": "inoltri, che restano senza nota",
    "additions": "aggiunte alle richieste, che restano senza testo",
    "attachments": "allegati eliminati",
    "questions": "domande se c'è stata risposta eliminate",
    "refusals": "rinunce a questa domanda eliminate",
    "marks": "stati segnati dagli uffici, che restano",
    "sessions": "sessioni eliminate",
    "conversations": "conversazioni eliminate",
    "messages": "messaggi eliminati",
    "sentences": "frasi conservate eliminate",
    "proofs": "indirizzi verificati eliminati",
    "uses": "contatori eliminati",
    "staff": "persone del presidio, che lo restano fino a `intercup staff remove`",
    "desk_sessions": "sessioni al presidio, che finiscono da sole entro 8 ore",
    "desk_events": "righe nel registro del presidio, che restano per {months} mesi",
}


def add_parser(commands: Commands) -> None:
    """Add `person` with its two commands."""
    person = commands.add_parser("person", help="esporta o elimina i dati di una persona")
    parts = person.add_subparsers(required=True, metavar="COSA")
    exporting = parts.add_parser("export", help="scrive in JSON tutto ciò che c'è")
    exporting.add_argument("--out", type=Path, help="cartella; se manca, il terminale")
    erasing = parts.add_parser("erase", help="elimina, o rende anonimo, tutto ciò che c'è")
    erasing.add_argument("--yes", action="store_true", help="non chiede conferma")
    erasing.add_argument(
        "--yes-lose", action="store_true", help="anche se un'e-mail non è ancora partita"
    )
    for parser, command in ((exporting, export), (erasing, erase)):
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("fiscal_code", nargs="?", help="codice fiscale")
        who.add_argument("--email", help="indirizzo e-mail")
        parser.set_defaults(command=command)


def export(arguments: argparse.Namespace) -> int:
    """Write everything that is stored of a person."""
    from intercup.services.attachments.store import file_seal
    from intercup.services.privacy.person import find
    from intercup.services.privacy.person_export import accesses_of, as_json, files_of_person
    from intercup.services.tuning.sentence_seal import SentenceSeal

    settings = load_settings()
    wanted = _wanted(arguments, settings)

    async def collect(database: "Database") -> dict[str, Any]:
        async with database.read() as session:
            found = await find(session, wanted)
            seal = _seal(settings)
            accesses = await accesses_of(session, seal, wanted) if seal else None
            files = await files_of_person(session, file_seal(settings.secret_key), found)
            return as_json(found, accesses, SentenceSeal(settings.secret_key), files)

    found = with_database(settings.database_url, collect)
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if found["accessi nel registro SPID"] is None:
        warn("attenzione: senza la sua chiave il registro SPID non si legge")
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    say(f"scritto {_written(arguments.out, text)}")
    return 0


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"persona-{time.strftime('%Y%m%d-%H%M%S')}.json"
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)
    return file


def erase(arguments: argparse.Namespace) -> int:
    """Erase a person, after a confirmation."""
    from intercup.services.privacy import person

    settings = load_settings()
    wanted = _wanted(arguments, settings)

    async def look(database: "Database") -> "Found":
        async with database.read() as session:
            return await person.find(session, wanted)

    async def erase_all(database: "Database") -> "Found | None":
        async with database.write() as session:
            found = await person.find(session, wanted)
            if found.not_sent and not arguments.yes_lose:
                return None
            await person.erase(session, found)
            return found

    found = with_database(settings.database_url, look)
    _show(found)
    if not any(found.counts().values()):
        return 0
    if found.not_sent and not arguments.yes_lose:
        return _refused(found.not_sent)
    if not arguments.yes and not confirmed("Scrivere sì per eliminare: "):
        say("non è cambiato nulla")
        return NOT_DONE
    if with_database(settings.database_url, erase_all) is None:
        return _refused(1)
    empty_journal(settings.database_url)
    say("fatto. Il registro degli accessi SPID resta fino alla sua scadenza di legge.")
    return 0


def _refused(count: int) -> int:
    warn(
        f"errore: {count} e-mail non ancora consegnate andrebbero perse;"
        " aspettare, oppure aggiungere --yes-lose"
    )
    return NOT_DONE


def _show(found: "Found") -> None:
    from intercup.services.privacy.retention import kept

    for name, count in found.counts().items():
        say(f"{NAMES[name].format(months=kept().desk_log_months)}: {count}")


def _wanted(arguments: argparse.Namespace, settings: Settings) -> "Wanted":
    from intercup.services.privacy.person import Wanted

    if arguments.email is not None:
        if not is_mailbox(arguments.email):
            raise ConfigurationError(["--email: non è un indirizzo e-mail"])
        return Wanted(settings.secret_key, email=arguments.email)
    return Wanted(settings.secret_key, fiscal_number=fiscal_code(arguments.fiscal_code))


def _seal(settings: Settings) -> "RegisterSeal | None":
    from intercup.identity.register_seal import RegisterSeal, read_keys

    file = settings.spid_register_key_file
    return RegisterSeal(read_keys(file)) if file and file.exists() else None
