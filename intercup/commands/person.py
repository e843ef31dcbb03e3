"""What `intercup person export` and `erase` do; data_parser.py calls them."""

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from intercup.commands.confirm import confirmed
from intercup.commands.with_database import with_database
from intercup.db.engine import Database
from intercup.domain.mailbox import is_mailbox
from intercup.errors import ConfigurationError
from intercup.identity.register_seal import RegisterSeal, read_keys
from intercup.services.privacy import person
from intercup.services.privacy.person import Found, Wanted
from intercup.services.privacy.person_export import accesses_of, as_json
from intercup.settings import Settings, load_settings

NOT_DONE = 1
NAMES = {
    "requests": "richieste rese anonime",
    "consents": "consensi, che restano senza persona",
    "deliveries": "e-mail svuotate",
    "forwards": "inoltri, che restano senza nota",
    "sessions": "sessioni eliminate",
    "conversations": "conversazioni eliminate",
    "messages": "messaggi eliminati",
    "proofs": "indirizzi verificati eliminati",
    "uses": "contatori eliminati",
}
_FISCAL_CODE = re.compile(r"[A-Z0-9]{16}|\d{11}")


def export(arguments: argparse.Namespace) -> int:
    """Write everything that is stored of a person."""
    settings = load_settings()
    wanted = _wanted(arguments, settings)

    async def collect(database: Database) -> dict[str, Any]:
        async with database.read() as session:
            found = await person.find(session, wanted)
            seal = _seal(settings)
            return as_json(found, await accesses_of(session, seal, wanted) if seal else None)

    found = with_database(settings.database_url, collect)
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if found["accessi nel registro SPID"] is None:
        print("attenzione: senza la sua chiave il registro SPID non si legge", file=sys.stderr)  # noqa: T201
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    _say(f"scritto {_written(arguments.out, text)}")
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
    settings = load_settings()
    wanted = _wanted(arguments, settings)

    async def look(database: Database) -> Found:
        async with database.read() as session:
            return await person.find(session, wanted)

    async def erase_all(database: Database) -> Found | None:
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
        _say("non è cambiato nulla")
        return NOT_DONE
    if with_database(settings.database_url, erase_all) is None:
        return _refused(1)
    _say("fatto. Il registro degli accessi SPID resta fino alla sua scadenza di legge.")
    return 0


def _refused(count: int) -> int:
    print(  # noqa: T201
        f"errore: {count} e-mail non ancora consegnate andrebbero perse;"
        " aspettare, oppure aggiungere --yes-lose",
        file=sys.stderr,
    )
    return NOT_DONE


def _show(found: Found) -> None:
    for name, count in found.counts().items():
        _say(f"{NAMES[name]}: {count}")


def _wanted(arguments: argparse.Namespace, settings: Settings) -> Wanted:
    if arguments.email is not None:
        if not is_mailbox(arguments.email):
            raise ConfigurationError(["--email: non è un indirizzo e-mail"])
        return Wanted(settings.secret_key, email=arguments.email)
    code = arguments.fiscal_code.upper()
    if not _FISCAL_CODE.fullmatch(code):
        raise ConfigurationError(["il codice fiscale ha 16 caratteri, o 11 cifre"])
    return Wanted(settings.secret_key, fiscal_number=code)


def _seal(settings: Settings) -> RegisterSeal | None:
    file = settings.spid_register_key_file
    return RegisterSeal(read_keys(file)) if file and file.exists() else None


def _say(line: str) -> None:
    print(line)  # noqa: T201
