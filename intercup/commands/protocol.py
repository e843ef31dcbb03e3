"""`intercup protocol`: the numbers that the administration's register gives the requests."""

import argparse
import csv
import io
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intercup.commands.terminal import NOT_DONE, Commands, operator, say, warn, with_database
from intercup.errors import ConfigurationError
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.services.requests.protocol import Result, Unprotocolled

# The import reads the first three.
COLUMNS = ("richiesta", "protocollo", "data", "registrata", "tipologia", "struttura", "ufficio")
DONE = {
    "set": "numeri registrati",
    "same": "già registrati",
    "replaced": "sostituiti",
    "empty": "righe senza numero",
}
REFUSED = {
    "malformed": "il numero o la data non si leggono (AAAA-MM-GG o GG/MM/AAAA)",
    "impossible_day": "la data è prima della richiesta, o futura",
    "unknown": "nessuna richiesta con questo numero, o i suoi dati sono stati eliminati",
    "other": "ha già un altro numero di protocollo; per sostituirlo, --replace",
}


def add_parser(commands: Commands) -> None:
    """Add the command."""
    protocol = commands.add_parser("protocol", help="i numeri di protocollo delle richieste")
    parts = protocol.add_subparsers(required=True, metavar="AZIONE")
    parts.add_parser(
        "missing", help="elenca in CSV le richieste che non hanno un numero"
    ).set_defaults(command=_list_missing)
    reading = parts.add_parser("import", help="registra i numeri di un file CSV")
    reading.add_argument("file", nargs="?", type=Path, help="se manca, dall'ingresso standard")
    reading.add_argument("--replace", action="store_true", help="anche al posto di altri numeri")
    reading.set_defaults(command=_import)


def _list_missing(_arguments: argparse.Namespace) -> int:
    """Write the requests without a number, in the columns that the import reads."""
    from intercup.services.requests.protocol import without_protocol

    async def read(database: "Database") -> "list[Unprotocolled]":
        async with database.read() as reading:
            return await without_protocol(reading)

    rows = with_database(load_settings().database_url, read)
    writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        registered = datetime.fromtimestamp(row.created_at, UTC).isoformat(timespec="seconds")
        writer.writerow((row.number, "", "", registered, row.category, row.structure, row.office))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    """Store the numbers of the lines, and name the lines that are refused."""
    from intercup.domain.request import is_number
    from intercup.services.requests.protocol import entries_of, set_protocols

    entries = list(entries_of(_lines(arguments.file)))

    async def work(database: "Database") -> "list[Result]":
        now = datetime.now(UTC)
        return await set_protocols(database, entries, operator(), now, replaces=arguments.replace)

    results = [each.value for each in with_database(load_settings().database_url, work)]
    counts = Counter(results)
    for name, words in DONE.items():
        say(f"{words}: {counts[name]}")
    for entry, name in zip(entries, results, strict=True):
        if name in REFUSED:
            # Anything may stand in a wrong line, also a name or a fiscal number.
            about = f" ({entry.request})" if is_number(entry.request) else ""
            warn(f"errore: riga {entry.line}{about}: {REFUSED[name]}")
    return NOT_DONE if counts.keys() & REFUSED.keys() else 0


def _lines(file: Path | None) -> list[tuple[int, list[str]]]:
    """Read the lines with their numbers; a heading and empty ones are left out.

    Raises:
        ConfigurationError: they aren't CSV in UTF-8.
    """
    try:
        text = (file.read_bytes() if file else sys.stdin.buffer.read()).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        lines = [(reader.line_num, line) for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problem = f"serve un file CSV in UTF-8, con «;» fra i campi: {type(error).__name__}"
        raise ConfigurationError([problem]) from error
    filled = [each for each in lines if any(field.strip() for field in each[1])]
    has_heading = bool(filled) and filled[0][1][0].strip().lower() == COLUMNS[0]
    return filled[has_heading:]
