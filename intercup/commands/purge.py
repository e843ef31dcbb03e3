"""`intercup purge`: data beyond its retention period."""

import argparse
import time
from typing import TYPE_CHECKING

from intercup.commands.terminal import Commands, empty_journal, say, with_database
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add the command."""
    purging = commands.add_parser("purge", help="elimina ciò che ha superato il tempo previsto")
    purging.add_argument("--dry-run", action="store_true", help="dice solo che cosa eliminerebbe")
    purging.set_defaults(command=purge)


def purge(arguments: argparse.Namespace) -> int:
    """Delete data beyond its retention period, or count it with --dry-run."""
    from intercup.services.privacy.purge import due
    from intercup.services.privacy.purge import purge as delete_due

    apply = due if arguments.dry_run else delete_due

    async def work(database: "Database") -> dict[str, int]:
        return await apply(database, time.time())

    url = load_settings().database_url
    counts = with_database(url, work)
    if not arguments.dry_run:
        empty_journal(url)
    say("da eliminare:" if arguments.dry_run else "eliminati:")
    for name, count in counts.items():
        say(f"  {name}: {count}")
    return 0
