"""`intercup models`: the store of models, and which one answers the citizens."""

import argparse
import asyncio
import time
from typing import TYPE_CHECKING

from intercup.commands.bot_folder import MODEL
from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    moment,
    noted,
    operator,
    say,
    warn,
    with_database,
)
from intercup.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from intercup.db.engine import Database
    from intercup.db.tables import Model

FOLLOW_EVERY = 1.0  # seconds


def _text(key: str) -> str:
    from intercup.texts import TEXTS

    return TEXTS(key)


def add_parser(commands: Commands) -> None:
    """Add `models` with its commands."""
    models = commands.add_parser("models", help="i modelli, e quello che risponde ai cittadini")
    parts = models.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser("list", help="elenca i modelli; * è quello pubblicato")
    listing.set_defaults(command=show_all)
    publishing = parts.add_parser("publish", help="pubblica un modello, senza fermare la chat")
    publishing.add_argument("name", help="nome del modello, o l'inizio")
    publishing.add_argument("--reason", default="", help="se non ha passato tutte le prove")
    publishing.set_defaults(command=publish)
    training = parts.add_parser("train", help="addestra a parte con le frasi accettate, e prova")
    training.add_argument("--cancel", action="store_true", help="ferma quello in corso")
    training.set_defaults(command=train)
    trying = parts.add_parser("try", help="che cosa cambia con un modello")
    trying.add_argument("name", help="nome del modello, o l'inizio")
    trying.set_defaults(command=show_changes)
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
    from intercup.services.models.store import Shipped, held, missed_gates

    async def work(database: "Database") -> int:
        async with database.write() as writing:
            recent = await held(writing, Shipped(MODEL).base)
            model = await _named(writing, arguments.name)
            if model is None:
                return NOT_DONE
            missed = missed_gates(model, next(iter(recent), None))
            if missed and not arguments.reason:
                for gate in missed:
                    warn(f"errore: {_text(f'model_gate.{gate}')}")
                warn("per pubblicarlo lo stesso serve --reason")
                return NOT_DONE
            await _publish(writing, model, arguments.reason)
        return _say_published(model)

    return with_database(load_settings().database_url, work)


async def _named(reading: "AsyncSession", name: str) -> "Model | None":
    from intercup.services.models.store import Shipped, models

    stored = await models(reading, Shipped(MODEL).base)
    found = [model for model in stored if model.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    warn("errore: più modelli" if found else "errore: nessun modello con questo nome")
    return None


def train(arguments: argparse.Namespace) -> int:
    """Let a worker train and try the working version, and follow it; or cancel that."""
    from intercup.services.models import training
    from intercup.services.staff.log import note

    async def work(database: "Database") -> int:
        now = time.time()
        async with database.write() as writing:
            if arguments.cancel:
                if not await training.cancel(writing):
                    return NOT_DONE
                note(writing, operator(), "training_cancelled", now)
                return 0
            if await training.ask(writing, operator(), now):
                note(writing, operator(), "training_asked", now)
            else:
                warn("un addestramento è già in corso: eccolo")
        return await _follow(database)

    return with_database(load_settings().database_url, work)


async def _follow(database: "Database") -> int:
    from intercup.services.models.training import ACTIVE, latest

    shown = ""
    while True:
        async with database.read() as reading:
            found = await latest(reading)
        if found is None:
            return NOT_DONE
        step = _text(f"training.{found.step or found.state}")
        if step != shown:
            say(f"{time.time() - found.asked_at:4.0f} s  {step}")
            shown = step
        if found.state not in ACTIVE:
            break
        await asyncio.sleep(FOLLOW_EVERY)
    if found.state == "done":
        return await _say_changes(database, found.model or "")
    warn(f"{_text(f'training.{found.state}')}\n{found.problem}".strip())
    return NOT_DONE


def show_changes(arguments: argparse.Namespace) -> int:
    """Print what changed when a model was tried."""

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            model = await _named(reading, arguments.name)
        return await _say_changes(database, model.sha256) if model else NOT_DONE

    return with_database(load_settings().database_url, work)


async def _say_changes(database: "Database", sha256: str) -> int:
    from intercup.services.models.store import Shipped, find, missed_gates, published
    from intercup.services.models.training import SETS

    async with database.read() as reading:
        model = await find(reading, Shipped(MODEL).base, sha256)
        in_use = await published(reading, Shipped(MODEL).base)
    if model is None or model.report is None:
        warn("errore: questo modello non è stato provato")
        return NOT_DONE
    await noted(database, "model_seen", model.name)
    say(f"modello {model.name}, frasi accettate: {model.examples}")
    for name in SETS:
        figures = model.report["sets"].get(name)
        if figures is None:
            continue
        say(
            f"{_text(f'model_set.{name}')}: {figures['sentences']} frasi,"
            f" {figures['before']:.1%} -> {figures['after']:.1%}"
        )
        for intent, (before, after, count) in figures["intents"].items():
            say(f"    {intent}: {before:.1%} -> {after:.1%} di {count}")
    for each in model.report["changes"]:
        say(f"  «{each['text']}» ({each['label']}): {each['before']} -> {each['after']}")
    say(f"emergenze perse: {len(model.report['lost'])}, trovate: {len(model.report['won'])}")
    for gate in missed_gates(model, in_use):
        warn(f"attenzione: {_text(f'model_gate.{gate}')}")
    return 0


def back(_arguments: argparse.Namespace) -> int:
    """Publish again the model published before the one in use."""
    from intercup.services.models.store import Shipped, held

    async def work(database: "Database") -> int:
        async with database.write() as writing:
            recent = await held(writing, Shipped(MODEL).base)
            if len(recent) < 2:
                warn("errore: nessun modello pubblicato prima di questo")
                return NOT_DONE
            await _publish(writing, recent[1])
        return _say_published(recent[1])

    return with_database(load_settings().database_url, work)


async def _publish(writing: "AsyncSession", model: "Model", reason: str = "") -> None:
    from intercup.services.models.store import publish as make_published
    from intercup.services.staff.log import note

    now = time.time()
    await make_published(writing, model.sha256, operator(), now)
    note(writing, operator(), "model_published", now, model.name, reason)


def _say_published(model: "Model") -> int:
    say(f"pubblicato {model.name}: ogni cella vi passa appena è pronto, senza fermare la chat")
    return 0
