"""`intercup migrate`, `backup`, `restore` and `database copy`: the database as a whole."""

import argparse
import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from intercup.commands.bot_folder import MODEL
from intercup.commands.terminal import NOT_DONE, Commands, confirmed, say, warn
from intercup.domain.versions import Settled
from intercup.errors import ConfigurationError
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database

WITH_STRUCTURES, VERSIONS = "0024", "structure_versions"  # the schema's version and its table
# Remarks on changes that a release touches, in the order of `Settled`.
SETTLED = (
    "l'originale è cambiato; finché non si decide vale il presidio",
    "non c'è più; ciò che il presidio ne aveva cambiato non ha effetto",
    "i file tornano all'originale: la modifica che avevano preso dal presidio non vale più",
)
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def add_parser(commands: Commands) -> None:
    """Add the commands."""
    migrating = commands.add_parser("migrate", help="porta la base dati all'ultima versione")
    migrating.add_argument(
        "--back-to", metavar="VERSIONE", help="torna a una versione, per il programma precedente"
    )
    migrating.add_argument(
        "--stopped",
        action="store_true",
        help="a servizio fermo: dà a SQLite il giornale più veloce, se nessuno usa la base dati",
    )
    migrating.add_argument("--yes", action="store_true", help="non chiede conferma")
    migrating.set_defaults(command=migrate)
    backing_up = commands.add_parser("backup", help="copia la base dati, anche a servizio acceso")
    backing_up.add_argument("file", type=Path, help="file da creare")
    backing_up.set_defaults(command=backup)
    restoring = commands.add_parser("restore", help="rimette una copia al posto della base dati")
    restoring.add_argument("file", type=Path, help="copia da rimettere")
    restoring.add_argument(
        "--identity", type=Path, metavar="FILE", help="chiave privata di una copia cifrata"
    )
    restoring.add_argument("--yes", action="store_true", help="non chiede conferma")
    restoring.set_defaults(command=restore)
    whole = commands.add_parser("database", help="copia la base dati da SQLite a PostgreSQL")
    copying = whole.add_subparsers(required=True, metavar="AZIONE").add_parser(
        "copy", help="copia e confronta ogni riga"
    )
    copying.add_argument("sqlite", metavar="SQLITE_URL", help="origine: sqlite+aiosqlite:///FILE")
    copying.add_argument("postgres", metavar="POSTGRES_URL", help="destinazione, vuota")
    copying.set_defaults(command=copy)


def migrate(arguments: argparse.Namespace) -> int:
    """Bring the database to this version's schema, and publish its model; or go back."""
    from intercup.db.engine import Database
    from intercup.services.models.store import Shipped, publish_candidate, publish_shipped

    settings = load_settings()
    if not _may_go_back(arguments, settings):
        say("non è cambiato nulla")
        return NOT_DONE

    async def upgrade() -> bool:
        database = Database(settings.database_url)
        await database.migrate(arguments.back_to)
        if arguments.back_to is None:
            async with database.write() as writing:
                await publish_shipped(writing, Shipped(MODEL), time.time())
                if settings.is_demo:
                    await publish_candidate(writing, Shipped(MODEL), time.time())
            await _settle(database, settings.structures_file)
        is_done = await _choose_journal(database, arguments)
        await database.close()
        return is_done

    return 0 if asyncio.run(upgrade()) else NOT_DONE


async def _choose_journal(database: "Database", arguments: argparse.Namespace) -> bool:
    """Give SQLite's file the newest journal, or the former program's, if that is asked for."""
    from intercup.db.sqlite import TRUNCATE, newest_journal

    goes_back = arguments.back_to is not None
    if goes_back or arguments.stopped:
        if await database.change_journal(TRUNCATE if goes_back else newest_journal()):
            return True
        warn("attenzione: altri processi usano la base dati: fermarli, poi ripetere il comando")
        return False
    if not await database.has_journal(newest_journal()):
        say("la base dati è più veloce dopo `intercup migrate --stopped` a servizio fermo")
    return True


def _may_go_back(arguments: argparse.Namespace, settings: Settings) -> bool:
    """Name what the desk has changed in the structures and a way back loses, and ask."""
    if arguments.back_to is None or arguments.back_to >= WITH_STRUCTURES:
        return True
    lost = asyncio.run(_changed_structures(settings))
    for line in lost:
        say(line)
    if not lost or arguments.yes:
        return True
    say(f"prima della {WITH_STRUCTURES} queste voci tornano al file, anche le caselle verificate")
    return confirmed("Scrivere sì per continuare: ")


async def _changed_structures(settings: Settings) -> list[str]:
    """Return a line for each field whose value in force isn't the file's."""
    from sqlalchemy import inspect

    from intercup.db.engine import Database
    from intercup.services.structures.structures_file import directory_of, document_of
    from intercup.services.structures.versions import usable_edits

    document = document_of(settings.structures_file)
    directory_of(document)
    database = Database(settings.database_url)
    try:
        async with database.read() as reading:
            connection = await reading.connection()
            tables = await connection.run_sync(lambda each: inspect(each).get_table_names())
            edits = await usable_edits(reading, document) if VERSIONS in tables else {}
    finally:
        await database.close()
    return [f"{key}: {', '.join(values)}" for key, values in edits.items()]


async def _settle(database: "Database", structures_file: Path) -> None:
    """End the desk's changes that this version's files contain; name those that they contradict."""
    from intercup.services.answers import origin, wordings
    from intercup.services.structures import versions
    from intercup.services.structures.structures_file import directory_of, document_of
    from intercup.services.tuning import file_sentences

    found: list[Settled] = []
    async with database.write() as writing:
        if all(file.exists() for file in origin.FILES):
            found += [await wordings.settle(writing), await file_sentences.settle(writing)]
        with suppress(ConfigurationError):  # `check-config` names them, and nothing starts
            document = document_of(structures_file)
            directory_of(document)
            found.append(await versions.settle(writing, document))
    for settled in found:
        for names, what in zip(settled, SETTLED, strict=True):
            for name in names:
                warn(f"attenzione: {name}: {what}")


def backup(arguments: argparse.Namespace) -> int:
    """Copy the SQLite database."""
    from intercup.db.backup import back_up

    settings = load_settings()
    count = back_up(_sqlite_file(settings), arguments.file, settings.backup_recipient)
    say(f"{arguments.file}: copia integra, richieste: {count}")
    if not settings.backup_recipient:
        say("la copia non è cifrata: manca INTERCUP_BACKUP_RECIPIENT")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a copy back, then bring it to this version's schema."""
    from intercup.db.backup import restore as put_back

    settings = load_settings()
    database = _sqlite_file(settings)
    say(f"{arguments.file} prende il posto di {database}.")
    if not arguments.yes and not confirmed("Scrivere sì per continuare: "):
        say("non è cambiato nulla")
        return NOT_DONE
    aside = database.with_name(f"{database.name}.prima-{time.strftime('%Y%m%d-%H%M%S')}")
    count = put_back(arguments.file, database, aside, arguments.identity)
    asyncio.run(_migrate_and_verify(settings.database_url))
    say(f"fatto, richieste: {count}")
    if aside.exists():
        say(f"lo stato di prima è in {aside}")
    say(
        "ora servono `intercup purge` e, se fatte dopo la copia, le eliminazioni di persone"
        " e le disattivazioni di collegamenti"
    )
    return 0


def copy(arguments: argparse.Namespace) -> int:
    """Copy the SQLite database to PostgreSQL."""
    from intercup.db.copy import copy_database
    from intercup.db.engine import Database

    source, target = _url_of(arguments.sqlite, "sqlite"), _url_of(arguments.postgres, "postgresql")

    def progress(table: str, rows: int) -> None:
        say(f"{table}: {rows}")

    async def run() -> None:
        first, second = Database(source), Database(target)
        try:
            await copy_database(first, second, progress)
        finally:
            await first.close()
            await second.close()

    asyncio.run(run())
    say("fatto: ogni riga è nella destinazione, uguale all'originale")
    say("ciò che il servizio ha scritto in SQLite dopo la copia non c'è: va fermato prima")
    return 0


def _url_of(given: str, kind: str) -> str:
    """Return a database's URL with our driver.

    Raises:
        ConfigurationError: it isn't the URL of such a database, or the file is missing.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(given)
        is_right = url.get_backend_name() == kind
    except ArgumentError:
        is_right = False
    if not is_right:
        raise ConfigurationError(["serve l'indirizzo di SQLite, poi quello di PostgreSQL"])
    if kind == "sqlite" and not Path(url.database or "").is_file():
        raise ConfigurationError([f"{url.database} non esiste"])
    return url.set(drivername=DRIVERS[kind]).render_as_string(hide_password=False)


async def _migrate_and_verify(url: str) -> None:
    from intercup.db.engine import Database
    from intercup.db.sqlite import newest_journal

    database = Database(url)
    await database.migrate()
    await database.verify()
    await database.change_journal(newest_journal())
    await database.close()


def _sqlite_file(settings: Settings) -> Path:
    from sqlalchemy.engine import make_url

    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise ConfigurationError(
            [
                "PostgreSQL ha i suoi strumenti:"
                f" pg_dump --format=custom --file=FILE {url.database}"
                f" e pg_restore --clean --dbname={url.database} FILE"
            ]
        )
    return Path(url.database)
