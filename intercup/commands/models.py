"""`intercup models`: the store of models, and which one answers the citizens."""

import argparse
import time
from typing import TYPE_CHECKING

from intercup.commands.bot_folder import MODEL
from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    moment,
    operator,
    say,
    warn,
    with_database,
)
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add `models` with its commands."""
    models = commands.add_parser("models", help="i modelli, e quello che risponde ai cittadini")
    parts = models.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser("list", help="elenca i modelli; * è quello pubblicato")
    listing.set_defaults(command=show_all)
    publishing = parts.add_parser("publish", help="pubblica un modello, senza fermare la chat")
    publishing.add_argument("name", help="nome del modello, o l'inizio")
    publishing.set_defaults(command=publish)
    parts.add_parser("back", help="torna al modello pubblicato prima").set_defaults(command=back)


def show_all(_arguments: argparse.Namespace) -> int:
    """List the models of this program."""
    from intercup.services.models.store import Shipped, models, published

    async def work(database: "Database") -> int:
        base = Shipped(MODEL).base
        async with database.read() as reading:
            in_use = await published(reading, base)
            for model in await models(reading, base):
                mark = "*" if in_use and model.sha256 == in_use.sha256 else " "
                say(
                    f"{mark} {model.name}  addestrato {moment(model.made_at)} da {model.made_by},"
                    f" frasi accettate: {model.examples}, pubblicato {moment(model.published_at)}"
                )
        return 0

    return with_database(load_settings().database_url, work)


def publish(arguments: argparse.Namespace) -> int:
    """Publish a stored model by the beginning of its name."""
    from intercup.services.models.store import Shipped, models

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            stored = await models(reading, Shipped(MODEL).base)
        found = [model for model in stored if model.name.startswith(arguments.name)]
        if len(found) != 1:
            warn("errore: nessun modello con questo nome" if not found else "errore: più modelli")
            return NOT_DONE
        return await _publish(database, found[0].sha256, found[0].name)

    return with_database(load_settings().database_url, work)


def back(_arguments: argparse.Namespace) -> int:
    """Publish again the model published before the one in use."""
    from intercup.services.models.store import Shipped, recently_published

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            recent = await recently_published(reading, Shipped(MODEL).base)
        if len(recent) < 2:
            warn("errore: nessun modello pubblicato prima di questo")
            return NOT_DONE
        return await _publish(database, recent[1].sha256, recent[1].name)

    return with_database(load_settings().database_url, work)


async def _publish(database: "Database", sha256: str, name: str) -> int:
    from intercup.services.models.store import publish as make_published
    from intercup.services.staff.log import note

    now = time.time()
    async with database.write() as writing:
        note(writing, operator(), "model_published", now, name)
        await make_published(writing, sha256, operator(), now)
    say(f"pubblicato {name}: ogni cella vi passa appena è pronto, senza fermare la chat")
    return 0
