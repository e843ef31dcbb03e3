"""`intercup migrate`, `backup` and `restore`: the database as a whole."""

import argparse
import asyncio
import time
from pathlib import Path

from intercup.commands.terminal import NOT_DONE, Commands, confirmed, say
from intercup.errors import ConfigurationError
from intercup.settings import Settings, load_settings


def add_parser(commands: Commands) -> None:
    """Add the commands."""
    migrating = commands.add_parser("migrate", help="porta la base dati all'ultima versione")
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


def migrate(_arguments: argparse.Namespace) -> int:
    """Bring the database to this version's schema."""
    from intercup.db.engine import Database

    settings = load_settings()

    async def upgrade() -> None:
        database = Database(settings.database_url)
        await database.migrate()
        await database.close()

    asyncio.run(upgrade())
    return 0


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


async def _migrate_and_verify(url: str) -> None:
    from intercup.db.engine import Database

    database = Database(url)
    await database.migrate()
    await database.verify()
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
