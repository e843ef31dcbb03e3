"""Citizens who chat while a model is published, and another model to publish."""

import asyncio
import gzip
import io
import json
import tarfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from intercup.db.engine import Database
from intercup.services.models.store import Shipped, add, publish
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, to_summary
from tests.support.paths import ROOT
from tests.support.running_service import RunningService

SHIPPED = Shipped(ROOT / "bot/models/intercup.tar.gz")
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
STRUCTURE = "ASP Trapani"
DESCRIPTION = "La pagina resta bianca dopo che ho inserito il numero della ricetta."
TURNED_WITHIN = 300.0  # seconds, on a busy machine


@dataclass(frozen=True)
class Turn:
    """A citizen's turn: its end on the clock `time.monotonic`, its seconds, and its success."""

    at: float
    seconds: float
    worked: bool


def renamed(content: bytes, name: str, broken: bool = False) -> bytes:
    """Return a model with another name, or one without its parts."""
    packed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(content)) as old,
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as new,
    ):
        for member in old:
            data = old.extractfile(member).read() if member.isfile() else b""  # type: ignore[union-attr]
            if member.name.endswith("metadata.json"):
                data = json.dumps(json.loads(data) | {"model_id": name + "0" * 24}).encode()
            elif broken:
                continue
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return packed.getvalue()


async def put(database: Database, name: str, broken: bool = False) -> str:
    """Store a copy of the model of `make train` under another name; return its hash."""
    content = renamed(SHIPPED.file.read_bytes(), name, broken)
    async with database.write() as writing:
        return await add(writing, content, SHIPPED.base, "prova", time.time())


async def publish_now(database: Database, sha256: str) -> None:
    """Publish a stored model."""
    async with database.write() as writing:
        assert await publish(writing, sha256, "prova", time.time())


async def models_of(service: RunningService) -> list[str]:
    """Return the models in use, as /health names them."""
    async with aiohttp.ClientSession() as http, http.get(f"{service.url}/health") as answer:
        found: list[str] = (await answer.json())["models"]
        return found


async def until_turned(service: RunningService, name: str) -> float:
    """Wait until only this model answers; return the seconds."""
    began = time.monotonic()
    async with asyncio.timeout(TURNED_WITHIN):
        while await models_of(service) != [name]:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)
    return time.monotonic() - began


@asynccontextmanager
async def chatting(
    services: Sequence[RunningService], count: int, pause: float
) -> AsyncIterator[list[Turn]]:
    """Let citizens correct their summaries again and again; yields the turns so far."""
    turns: list[Turn] = []
    stop = asyncio.Event()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for number in range(count):
            url = services[number % len(services)].url
            citizen = await stack.enter_async_context(ChattingCitizen(url))
            await citizen.log_in("Agata Lo Presti")
            await citizen.open("portal")
            await to_summary(citizen, CATEGORY, STRUCTURE, DESCRIPTION)
            group.create_task(_chat(citizen, turns, stop, pause))
        yield turns
        stop.set()


async def _chat(
    citizen: ChattingCitizen, turns: list[Turn], stop: asyncio.Event, pause: float
) -> None:
    while not stop.is_set():
        for say, word in (
            (citizen.press, TEXTS("input.edit_structure")),
            (citizen.press, STRUCTURE),
            (citizen.press, TEXTS("input.edit_description")),
            (citizen.say, DESCRIPTION),
        ):
            began = time.monotonic()
            await say(word)
            now = time.monotonic()
            turns.append(Turn(now, now - began, not citizen.retry))
            assert not citizen.retry, citizen.text
            await asyncio.sleep(pause)
        assert citizen.input["type"] == "summary", citizen.text
