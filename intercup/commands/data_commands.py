"""What `intercup bounces`, `purge`, `backup` and `restore` do; data_parser.py calls them."""

import argparse
import asyncio
import imaplib
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from sqlalchemy.engine import make_url

from intercup.commands.confirm import confirmed
from intercup.commands.with_database import with_database
from intercup.db.backup import back_up
from intercup.db.backup import restore as put_back
from intercup.db.engine import Database
from intercup.errors import ConfigurationError, Unavailable
from intercup.log import set_up_logging
from intercup.mail.bounce_address import BounceAddress
from intercup.mail.bounce_mailbox import ReportMailbox, open_folder, open_imap
from intercup.services.delivery.bounces import Handled, handle_message
from intercup.services.privacy.purge import due
from intercup.services.privacy.purge import purge as delete_due
from intercup.settings import Settings, load_settings

FAILED = 1
WORDS = {
    Handled.MARKED: "mancate consegne segnate",
    Handled.DUPLICATE: "già viste",
    Handled.UNKNOWN: "che non riguardano un'e-mail inviata",
    Handled.IGNORED: "avvisi e risposte automatiche ignorati",
}


def bounces(arguments: argparse.Namespace) -> int:
    """Read delivery reports and mark the mails that came back."""
    settings = load_settings()
    set_up_logging()
    addresses = settings.bounces
    if addresses is None:
        raise ConfigurationError(["INTERCUP_BOUNCE_ADDRESS: manca"])

    async def read(database: Database) -> Counter[Handled]:
        with _mailbox(settings, arguments.folder) as mailbox:
            return await _read_all(database, addresses, mailbox)

    try:
        counts = with_database(settings.database_url, read)
    except (OSError, imaplib.IMAP4.error, Unavailable) as error:
        # The server's words may hold an address.
        print(f"errore: la casella non si legge: {type(error).__name__}", file=sys.stderr)  # noqa: T201
        return FAILED
    for handled, words in WORDS.items():
        _say(f"{words}: {counts[handled]}")
    return 0


def _mailbox(settings: Settings, folder: Path | None) -> AbstractContextManager[ReportMailbox]:
    if folder is not None:
        if not folder.is_dir():
            raise ConfigurationError([f"{folder} non è una cartella"])
        return nullcontext(open_folder(folder))
    password_file = settings.bounce_imap_password_file
    if not settings.bounce_imap_url or password_file is None:
        raise ConfigurationError(["INTERCUP_BOUNCE_IMAP_URL: manca, e nessuna cartella è indicata"])
    return open_imap(settings.bounce_imap_url, password_file.read_text("utf-8").strip())


async def _read_all(
    database: Database, addresses: BounceAddress, mailbox: ReportMailbox
) -> Counter[Handled]:
    counts: Counter[Handled] = Counter()
    for key, raw in mailbox.messages():
        counts[await handle_message(database, addresses, raw, time.time())] += 1
        mailbox.put_aside(key)
    mailbox.clean(time.time())
    return counts


def purge(arguments: argparse.Namespace) -> int:
    """Delete what retention says, or say what would go."""
    apply = due if arguments.dry_run else delete_due

    async def work(database: Database) -> dict[str, int]:
        return await apply(database, time.time())

    counts = with_database(load_settings().database_url, work)
    _say("da eliminare:" if arguments.dry_run else "eliminati:")
    for name, count in counts.items():
        _say(f"  {name}: {count}")
    return 0


def backup(arguments: argparse.Namespace) -> int:
    """Copy the SQLite database."""
    count = back_up(_sqlite_file(load_settings()), arguments.file)
    _say(f"{arguments.file}: copia integra, richieste: {count}")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a copy back, then bring it to this version's schema."""
    settings = load_settings()
    database = _sqlite_file(settings)
    _say(f"{arguments.file} prende il posto di {database}.")
    if not arguments.yes and not confirmed("Scrivere sì per continuare: "):
        _say("non è cambiato nulla")
        return FAILED
    aside = database.with_name(f"{database.name}.prima-{time.strftime('%Y%m%d-%H%M%S')}")
    count = put_back(arguments.file, database, aside)
    asyncio.run(_migrate(settings.database_url))
    _say(f"fatto, richieste: {count}")
    if aside.exists():
        _say(f"lo stato di prima è in {aside}")
    _say(
        "ora servono `intercup purge` e, se fatte dopo la copia, le eliminazioni di persone"
        " e le disattivazioni di collegamenti"
    )
    return 0


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.verify()
    await database.close()


def _sqlite_file(settings: Settings) -> Path:
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


def _say(line: str) -> None:
    print(line)  # noqa: T201
