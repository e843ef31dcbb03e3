"""`intercup figures`: the figures of /presidio/numeri, as CSV."""

import argparse
import time
from typing import TYPE_CHECKING

from intercup.commands.terminal import Commands, say, with_database
from intercup.errors import ConfigurationError
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add the command."""
    figures = commands.add_parser("figures", help="i numeri di un mese, senza persone, in CSV")
    figures.add_argument("month", nargs="?", default="", help="AAAA-MM; se manca, l'ultimo finito")
    figures.add_argument("--before", default="", help="il mese con cui confrontare")
    figures.set_defaults(command=show)


def show(arguments: argparse.Namespace) -> int:
    """Print the figures of a month beside another's."""
    from intercup.services.figures.reading import compared_months, figures_of
    from intercup.services.figures.tables import as_csv, tables_of
    from intercup.services.structures.structures_file import load_directory

    settings = load_settings()
    try:
        month, before = compared_months(arguments.month, arguments.before, time.time())
    except (ValueError, OverflowError) as error:
        problem = "il mese si scrive AAAA-MM, per esempio 2027-03, e dev'essere finito"
        raise ConfigurationError([problem]) from error
    directory = load_directory(settings.structures_file)

    async def read(database: "Database") -> str:
        async with database.read() as reading:
            found = await figures_of(reading, month)
            compared = await figures_of(reading, before)
        return as_csv(tables_of(found, compared, directory), month, before)

    say(with_database(settings.database_url, read).rstrip())
    return 0
