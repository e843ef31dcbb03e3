"""`intercup requests`: what a person of the technical team does with single requests."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

EXIT_UNKNOWN = 1


def add_request_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    requests = commands.add_parser("requests", help="disattiva i collegamenti per inoltrare")
    requests.add_argument("what", choices=("revoke",))
    requests.add_argument("number", help="il numero della richiesta, IC-XXXX-XXXX-XXXX")
    requests.set_defaults(command=_revoke)


def _revoke(arguments: argparse.Namespace) -> int:
    from intercup.db.engine import Database
    from intercup.services.forward_links import revoke_links
    from intercup.settings import load_settings

    settings = load_settings()

    async def revoke() -> int | None:
        database = Database(settings.database_url)
        await database.verify()
        async with database.write() as session:
            count = await revoke_links(session, arguments.number.upper(), datetime.now(UTC))
        await database.close()
        return count

    count = asyncio.run(revoke())
    if count is None:
        print("errore: nessuna richiesta con questo numero", file=sys.stderr)  # noqa: T201
        return EXIT_UNKNOWN
    print(f"collegamenti disattivati: {count}")  # noqa: T201
    return 0
