"""`intercup spid …`: certificate, metadata and register of SPID and CIE."""

import argparse
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intercup.commands.terminal import NOT_DONE, Commands, empty_journal, say, warn, with_database
from intercup.domain.italian_time import ROME
from intercup.errors import ConfigurationError
from intercup.identity.scheme import SCHEMES
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.db.tables import SpidExchange
    from intercup.identity.register_seal import RegisterSeal

DEFAULT_DAYS = 730
REGISTRY_FILE = "registry.xml"


def add_parser(commands: Commands) -> None:
    """Add `spid` with its commands."""
    spid = commands.add_parser("spid", help="certificato, metadata e registro di SPID e CIE")
    parts = spid.add_subparsers(required=True, metavar="COSA")
    making = parts.add_parser("certificate", help="crea chiave e certificato, o li controlla")
    making.add_argument("--days", type=int, default=DEFAULT_DAYS, help="durata in giorni")
    making.set_defaults(command=certificate)
    writing = parts.add_parser("metadata", help="scrive il metadata firmato e lo controlla")
    names = [scheme.name for scheme in SCHEMES]
    writing.add_argument("scheme", nargs="?", choices=names, default=names[0])
    writing.add_argument("--output", type=Path, help="file da scrivere; se manca, il terminale")
    writing.set_defaults(command=metadata)
    providers = parts.add_parser("providers", help="gestori di identità dal registro di SPID")
    updating = providers.add_subparsers(required=True, metavar="COSA").add_parser(
        "update", help="sostituisce i gestori con quelli di un file firmato dal registro"
    )
    updating.add_argument("file", type=Path, help="il metadata scaricato dal registro")
    updating.add_argument("--certificate", type=Path, required=True, help="PEM di chi lo firma")
    updating.set_defaults(command=update_providers)
    register = parts.add_parser("register", help="registro degli accessi")
    _add_register_parsers(register.add_subparsers(required=True, metavar="COSA"))


def _add_register_parsers(parts: Commands) -> None:
    finding = parts.add_parser("find", help="mostra una richiesta con la sua risposta")
    wanted = finding.add_mutually_exclusive_group(required=True)
    wanted.add_argument("id", nargs="?", help="ID di AuthnRequest, Response o Assertion")
    wanted.add_argument("--day", type=date.fromisoformat, help="elenca un giorno: AAAA-MM-GG")
    finding.set_defaults(command=find)
    purging = parts.add_parser("purge", help="elimina ciò che ha superato il suo periodo")
    purging.set_defaults(command=purge)
    adding = parts.add_parser("key", help="crea la chiave del registro, o ne aggiunge una nuova")
    adding.set_defaults(command=key)


def certificate(arguments: argparse.Namespace) -> int:
    """Create key and certificate if they are missing, then check them."""
    from cryptography import x509

    from intercup.services.login.schemes import make_certificate

    # Production's checks require these files, which this command creates.
    settings = load_settings(for_setup=True)
    key_file, certificate_file = settings.spid_key_file, settings.spid_certificate_file
    if key_file is None or certificate_file is None:
        raise ConfigurationError(["INTERCUP_SPID_KEY_FILE: manca"])
    if key_file.exists() != certificate_file.exists():
        lonely = key_file if key_file.exists() else certificate_file
        raise ConfigurationError([f"{lonely} c'è, ma manca l'altro file: non cambio nulla"])
    if not key_file.exists():
        make_certificate(settings, key_file, certificate_file, arguments.days)
        say(f"creati {key_file} e {certificate_file}")
    _refuse_if(_certificate_problems(settings))
    found = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    say(f"certificato conforme all'Avviso 29: {found.subject.rfc4514_string()}")
    say(f"valido fino al {found.not_valid_after_utc:%d/%m/%Y}")
    return 0


def _certificate_problems(settings: Settings) -> list[str]:
    from intercup.identity.certificate_check import certificate_problems
    from intercup.services.login.schemes import Schemes

    spid = Schemes(settings).registration(SCHEMES[0])
    return certificate_problems(
        spid.private_key_pem,
        spid.certificate_pem,
        settings.spid_entity_id,
        settings.spid_ipa_code,
        datetime.now(UTC),
    )


def configuration_problems(settings: Settings) -> list[str]:
    """List the problems of metadata files and, in production, of the keys."""
    from intercup.identity.register_seal import read_keys
    from intercup.services.login.schemes import Schemes

    problems = Schemes(settings).problems()
    if not settings.is_demo:
        problems += _certificate_problems(settings)
        read_keys(_key_file(settings))
    return problems


def metadata(arguments: argparse.Namespace) -> int:
    """Write the signed metadata, then check it."""
    from intercup.identity.metadata_check import metadata_problems
    from intercup.services.login.schemes import Schemes

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
    warn("metadata conforme")
    return 0


def update_providers(arguments: argparse.Namespace) -> int:
    """Replace the registry's providers by those of a signed file, if all is well with it."""
    from intercup.identity.registry_file import read_signed_registry

    folder = load_settings(for_setup=True).spid_providers_dir
    if folder is None:
        raise ConfigurationError(["INTERCUP_SPID_PROVIDERS_DIR: manca"])
    try:
        document, certificate = arguments.file.read_bytes(), arguments.certificate.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([str(error)]) from error
    registry = read_signed_registry(document, certificate, datetime.now(UTC))
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{REGISTRY_FILE}.new"
    fresh.write_bytes(document)
    fresh.replace(folder / REGISTRY_FILE)
    for provider in registry.providers:
        say(f"{provider.name}: {provider.entity_id}")
    for problem in registry.problems:
        warn(f"escluso: {problem}")
    return 0


def find(arguments: argparse.Namespace) -> int:
    """Show an exchange of the register, or list those of a day."""
    from intercup.identity.register_seal import RegisterSeal, read_keys
    from intercup.services.login import spid_register

    settings = load_settings()
    seal = RegisterSeal(read_keys(_key_file(settings)))

    async def search(database: "Database") -> list["SpidExchange"]:
        async with database.read() as session:
            if arguments.day:
                return await spid_register.find_day(session, arguments.day)
            return await spid_register.find(session, arguments.id)

    rows = with_database(settings.database_url, search)
    for row in rows:
        _show(row, seal, in_full=arguments.day is None)
    if not rows:
        warn("nessun accesso trovato")
        return NOT_DONE
    return 0


def _show(row: "SpidExchange", seal: "RegisterSeal", *, in_full: bool) -> None:
    from intercup.identity.register_seal import BrokenSeal

    moment = datetime.fromtimestamp(row.answered_at, ROME)
    try:
        exchange = seal.open(row.request_id, row.sealed)
    except BrokenSeal:
        say(f"{moment:%Y-%m-%d %H:%M:%S}  {row.request_id}  ALTERATO, o manca la sua chiave")
        return
    say(f"{moment:%Y-%m-%d %H:%M:%S}  {row.request_id}  {exchange.outcome}")
    if in_full:
        say(exchange.request)
        say(exchange.response)


def purge(_arguments: argparse.Namespace) -> int:
    """Delete the register's entries beyond their retention period."""
    from intercup.services.privacy.purge import purge as delete_due
    from intercup.services.privacy.purge_rules import SPID_RULE

    async def delete(database: "Database") -> int:
        return (await delete_due(database, time.time(), (SPID_RULE,)))[SPID_RULE.name]

    url = load_settings().database_url
    count = with_database(url, delete)
    empty_journal(url)
    say(f"eliminati: {count}")
    return 0


def key(_arguments: argparse.Namespace) -> int:
    """Add a new key to the register; earlier keys still open their entries."""
    from intercup.identity.register_seal import add_key, read_keys

    file = _key_file(load_settings(for_setup=True))
    add_key(file)
    count = len(read_keys(file))
    say(f"{file}: chiave nuova; chiavi nel file: {count}. Riavviare il servizio per usarla.")
    return 0


def _key_file(settings: Settings) -> Path:
    if settings.spid_register_key_file is None:
        raise ConfigurationError(["INTERCUP_SPID_REGISTER_KEY_FILE: manca"])
    return settings.spid_register_key_file


def _refuse_if(problems: list[str]) -> None:
    if problems:
        raise ConfigurationError(problems)
