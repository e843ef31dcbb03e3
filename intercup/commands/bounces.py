"""`intercup bounces`: delivery reports, from a mailbox or a folder."""

import argparse
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from intercup.commands.terminal import NOT_DONE, Commands, say, warn, with_database
from intercup.errors import ConfigurationError, Unavailable
from intercup.log import set_up_logging
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.mail.bounce_address import ReportAddress
    from intercup.mail.bounce_mailbox import ReportMailbox
    from intercup.services.delivery.bounces import Handled

WORDS = {
    "marked": "mancate consegne segnate",
    "receipt": "ricevute PEC registrate",
    "duplicate": "già viste",
    "unknown": "che non riguardano un'e-mail inviata",
    "ignored": "avvisi e risposte automatiche ignorati",
}


def add_parser(commands: Commands) -> None:
    """Add the command."""
    bounces = commands.add_parser("bounces", help="legge mancate consegne e ricevute PEC")
    bounces.add_argument("folder", nargs="?", type=Path, help="maildir o cartella di file .eml")
    bounces.set_defaults(command=read_reports)


def read_reports(arguments: argparse.Namespace) -> int:
    """Mark the mails that came back."""
    import imaplib

    from intercup.services.delivery.bounces import Handled

    settings = load_settings()
    set_up_logging(settings.log_format)
    addresses = settings.reports
    if addresses is None:
        raise ConfigurationError(["INTERCUP_BOUNCE_ADDRESS: manca, e mail_from_is_pec è spento"])

    async def read(database: "Database") -> "Counter[Handled]":
        with _mailbox(settings, arguments.folder) as mailbox:
            return await _read_all(database, addresses, mailbox)

    try:
        counts = with_database(settings.database_url, read)
    except (OSError, imaplib.IMAP4.error, Unavailable) as error:
        # The server's message may contain an address.
        warn(f"errore: la casella non si legge: {type(error).__name__}")
        return NOT_DONE
    for handled in Handled:
        say(f"{WORDS[handled.value]}: {counts[handled]}")
    return 0


def _mailbox(settings: Settings, folder: Path | None) -> "AbstractContextManager[ReportMailbox]":
    from intercup.mail.bounce_mailbox import open_folder, open_imap

    if folder is not None:
        if not folder.is_dir():
            raise ConfigurationError([f"{folder} non è una cartella"])
        return nullcontext(open_folder(folder))
    password_file = settings.bounce_imap_password_file
    if not settings.bounce_imap_url or password_file is None:
        raise ConfigurationError(["INTERCUP_BOUNCE_IMAP_URL: manca, e nessuna cartella è indicata"])
    return open_imap(settings.bounce_imap_url, password_file.read_text("utf-8").strip())


async def _read_all(
    database: "Database", addresses: "ReportAddress", mailbox: "ReportMailbox"
) -> "Counter[Handled]":
    from intercup.services.delivery.bounces import handle_message
    from intercup.services.privacy.retention import kept

    counts: Counter[Handled] = Counter()
    for key, raw in mailbox.messages():
        counts[await handle_message(database, addresses, raw, time.time())] += 1
        mailbox.put_aside(key)
    mailbox.clean(time.time() - kept().mail_body.total_seconds())
    return counts
