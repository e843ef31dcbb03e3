"""What the commands `intercup spid …` do; spid_parser.py says how they are called."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from intercup.commands.with_database import with_database
from intercup.db.engine import Database
from intercup.db.tables import SpidExchange
from intercup.errors import ConfigurationError
from intercup.identity.certificate_check import certificate_problems
from intercup.identity.metadata_check import metadata_problems
from intercup.identity.register_seal import BrokenSeal, RegisterSeal, add_key, read_keys
from intercup.identity.scheme import SCHEMES
from intercup.services.login import spid_register
from intercup.services.login.schemes import Schemes, make_certificate
from intercup.settings import Settings, load_settings

NOT_FOUND = 1


def certificate(arguments: argparse.Namespace) -> int:
    """Make key and certificate where there are none, then check them."""
    # Production's own checks want these files; here they are made.
    settings = load_settings(for_setup=True)
    key_file, certificate_file = settings.spid_key_file, settings.spid_certificate_file
    if key_file is None or certificate_file is None:
        raise ConfigurationError(["INTERCUP_SPID_KEY_FILE: manca"])
    if key_file.exists() != certificate_file.exists():
        lonely = key_file if key_file.exists() else certificate_file
        raise ConfigurationError([f"{lonely} c'è, ma manca l'altro file: non cambio nulla"])
    if not key_file.exists():
        make_certificate(settings, key_file, certificate_file, arguments.days)
        _say(f"creati {key_file} e {certificate_file}")
    _refuse_if(_certificate_problems(settings))
    found = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    _say(f"certificato conforme all'Avviso 29: {found.subject.rfc4514_string()}")
    _say(f"valido fino al {found.not_valid_after_utc:%d/%m/%Y}")
    return 0


def _certificate_problems(settings: Settings) -> list[str]:
    spid = Schemes(settings).registration(SCHEMES[0])
    return certificate_problems(
        spid.private_key_pem,
        spid.certificate_pem,
        settings.spid_entity_id,
        settings.spid_ipa_code,
        datetime.now(UTC),
    )


def configuration_problems(settings: Settings) -> list[str]:
    """List what `check-config` has to say: metadata files, and in production the keys too."""
    problems = Schemes(settings).problems()
    if not settings.is_demo:
        problems += _certificate_problems(settings)
        read_keys(_key_file(settings))
    return problems


def metadata(arguments: argparse.Namespace) -> int:
    """Write the signed metadata, then check it."""
    settings = load_settings(for_setup=True)
    schemes = Schemes(settings)
    scheme = next((s for s in schemes.active if s.name == arguments.scheme), None)
    if scheme is None:
        raise ConfigurationError(["INTERCUP_CIE_ENTITY_ID: manca, quindi CIE non è attiva"])
    document = schemes.service_provider(scheme).metadata()
    if arguments.output:
        arguments.output.write_bytes(document)
    else:
        sys.stdout.buffer.write(document + b"\n")
        sys.stdout.flush()
    found = metadata_problems(document, schemes.registration(scheme))
    _refuse_if(_certificate_problems(settings) + found)
    print("metadata conforme", file=sys.stderr)  # noqa: T201
    return 0


def find(arguments: argparse.Namespace) -> int:
    """Show an exchange of the register, or list those of a day."""
    settings = load_settings()
    seal = RegisterSeal(read_keys(_key_file(settings)))

    async def search(database: Database) -> list[SpidExchange]:
        async with database.read() as session:
            if arguments.day:
                return await spid_register.find_day(session, arguments.day)
            return await spid_register.find(session, arguments.id)

    rows = with_database(settings.database_url, search)
    for row in rows:
        _show(row, seal, in_full=arguments.day is None)
    if not rows:
        print("nessun accesso trovato", file=sys.stderr)  # noqa: T201
        return NOT_FOUND
    return 0


def _show(row: SpidExchange, seal: RegisterSeal, *, in_full: bool) -> None:
    moment = datetime.fromtimestamp(row.answered_at, spid_register.ITALY)
    try:
        exchange = seal.open(row.request_id, row.sealed)
    except BrokenSeal:
        _say(f"{moment:%Y-%m-%d %H:%M:%S}  {row.request_id}  ALTERATO, o manca la sua chiave")
        return
    _say(f"{moment:%Y-%m-%d %H:%M:%S}  {row.request_id}  {exchange.outcome}")
    if in_full:
        _say(exchange.request)
        _say(exchange.response)


def purge(_arguments: argparse.Namespace) -> int:
    """Delete what the register needn't keep any longer."""

    async def delete(database: Database) -> int:
        async with database.write() as session:
            return await spid_register.purge(session, time.time())

    _say(f"eliminati: {with_database(load_settings().database_url, delete)}")
    return 0


def key(_arguments: argparse.Namespace) -> int:
    """Give the register a new key; the earlier ones still open what they sealed."""
    file = _key_file(load_settings(for_setup=True))
    add_key(file)
    count = len(read_keys(file))
    _say(f"{file}: chiave nuova; chiavi nel file: {count}. Riavviare il servizio per usarla.")
    return 0


def _key_file(settings: Settings) -> Path:
    if settings.spid_register_key_file is None:
        raise ConfigurationError(["INTERCUP_SPID_REGISTER_KEY_FILE: manca"])
    return settings.spid_register_key_file


def _refuse_if(problems: list[str]) -> None:
    if problems:
        raise ConfigurationError(problems)


def _say(line: str) -> None:
    print(line)  # noqa: T201
