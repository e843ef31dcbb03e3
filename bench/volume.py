"""`make bench ARGS=volume`: pages, commands and purge with a year's 100,000 requests in PostgreSQL.

Web and clients are this one process; nothing else uses the database meanwhile.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from bench.filling import REQUESTS, Copy, address_of, fill, fiscal_number_of, key_of
from bench.measure import Latency, Machine, timed
from bench.report import RESULTS
from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.alarm import Watch, tell_of_troubles
from intercup.services.delivery.deliver import deliver_due
from intercup.services.privacy.person import Wanted, erase, find
from intercup.services.privacy.purge import purge
from intercup.services.privacy.purge_rules import RULES
from intercup.services.requests.lookup import requests_where
from intercup.services.structures.structures_file import load_directory
from intercup.web.health import outbox_of
from tests.support.databases import migrate
from tests.support.desk import at_desk
from tests.support.made_requests import AGATA, SECRET_KEY, submit
from tests.support.postgres_server import binaries, postgres_server
from tests.support.web_service import Browser, running_service

TIMES, WARM = 40, 3
NOBODY = SmtpAddress.parse("smtp://127.0.0.1:1")
TABLES = """
    SELECT relname, n_live_tup, pg_table_size(relid) FROM pg_stat_user_tables
    WHERE n_live_tup > 0 ORDER BY pg_total_relation_size(relid) DESC
"""
INDEXES = "SELECT relname, indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes"

type Work = Callable[[], Awaitable[object]]


async def _measured() -> dict[str, Any]:
    directory = load_directory(Path("config/structures.yaml"))
    with tempfile.TemporaryDirectory() as folder, postgres_server() as address:
        url = f"postgresql+asyncpg://{address}/postgres"
        await migrate(url)
        database = Database(url)
        began = time.perf_counter()
        copies = await fill(database, address, directory)
        print(f"{time.perf_counter() - began:.0f} s to fill it", file=sys.stderr)
        found: dict[str, Any] = {"tables": await _sizes(address)}
        found["backup"] = _backup(address, folder)
        try:
            async with AsyncExitStack() as stack:
                web = running_service(database, directory, Path(folder))
                service = await stack.enter_async_context(web)
                desk = await stack.enter_async_context(at_desk(service))
                citizen = await stack.enter_async_context(service.browser())
                works = await _works(database, directory, copies, desk, citizen)
                found["latencies"] = {name: await _latency(work) for name, work in works.items()}
            found["purge"] = await _purge(database)
        finally:
            await database.close()
    return found


async def _sizes(address: str) -> dict[str, Any]:
    """Return rows, bytes and each index's bytes by table, without the empty ones."""
    connection = await asyncpg.connect(f"postgresql://{address}/postgres")
    try:
        tables = await connection.fetch(TABLES)
        indexes = await connection.fetch(INDEXES)
    finally:
        await connection.close()
    return {
        name: {
            "rows": count,
            "table": size,
            "indexes": {index: size for of, index, size in indexes if of == name},
        }
        for name, count, size in tables
    }


def _backup(address: str, folder: str) -> dict[str, float]:
    """Copy the database with pg_dump; return seconds and bytes, few as copies compress well."""
    file, began = Path(folder) / "copy", time.perf_counter()
    command = [binaries() / "pg_dump", "-Fc", "-f", file, f"postgresql://{address}/postgres"]
    subprocess.run(command, check=True)
    return {"seconds": round(time.perf_counter() - began, 1), "bytes": file.stat().st_size}


async def _works(
    database: Database,
    directory: Directory,
    copies: Sequence[Copy],
    desk: Browser,
    citizen: Browser,
) -> dict[str, Work]:
    """Return what is measured, by its name in docs/capacity.md."""
    chance = random.Random(2)  # noqa: S311
    who = chance.choice(copies).person
    own = [each.number for each in copies if each.person == who]
    chats = [each.conversation for each in copies if each.conversation]
    await citizen.log_in(replace(AGATA, person_key=key_of(who), email=address_of(who)))

    def page(browser: Browser, path: Callable[[], str]) -> Work:
        async def get() -> None:
            async with browser.get(path()) as response:
                assert response.status == 200, response.status
                await response.read()

        return get

    async def look(by_address: bool) -> None:
        person = chance.choice(copies).person
        wanted = Wanted(SECRET_KEY, fiscal_number_of(person))
        if by_address:
            wanted = Wanted(SECRET_KEY, email=address_of(person))
        async with database.read() as reading:
            assert (await find(reading, wanted)).requests

    async def forget() -> None:
        wanted = Wanted(SECRET_KEY, fiscal_number_of(chance.choice(copies).person))
        async with database.write() as writing:
            await erase(writing, await find(writing, wanted))

    def of_chat() -> Awaitable[object]:
        return requests_where(database, Request.conversation_id == chance.choice(chats), 1)

    return {
        "le mie richieste": page(citizen, lambda: "/richieste"),
        "ricevuta": page(citizen, lambda: f"/richieste/{chance.choice(own)}"),
        "ricevuta in chat": of_chat,
        "presidio: consegne": page(desk, lambda: "/presidio/consegne"),
        "presidio: percorso di una richiesta": page(
            desk, lambda: f"/presidio/richieste/{chance.choice(copies).number}"
        ),
        "presidio: senza risposta": page(desk, lambda: "/presidio/senza-risposta"),
        "presidio: numeri": page(desk, lambda: "/presidio/numeri"),
        "posta di `/health`": lambda: outbox_of(database),
        "worker: posta da inviare, nessuna": lambda: deliver_due(database, NOBODY, "bench"),
        "worker: posta ferma": lambda: tell_of_troubles(database, Watch(), time.time()),
        "interessato, per codice fiscale": lambda: look(False),
        "interessato, per indirizzo": lambda: look(True),
        "interessato, cancellazione": forget,
        "registrazione di una richiesta": lambda: submit(database, directory),
    }


async def _latency(work: Work) -> dict[str, float]:
    seconds: list[float] = []
    for _ in range(WARM + TIMES):
        await timed(work(), seconds)
    return asdict(Latency.of(seconds[WARM:]))


async def _purge(database: Database) -> dict[str, dict[str, float]]:
    """Delete what one day makes due; return rows and seconds by rule."""
    found = {}
    for rule in RULES:
        began = time.perf_counter()
        ((name, rows),) = (await purge(database, time.time(), [rule])).items()
        found[name] = {"rows": rows, "seconds": round(time.perf_counter() - began, 3)}
    return found


def write(machine: Machine) -> str:
    """Measure, store the figures under today's date, and return them as tables."""
    print(f"PostgreSQL with {REQUESTS} requests (5 min)…", file=sys.stderr)
    when, found = datetime.now(UTC), asyncio.run(_measured())
    kept = {
        "when": when.isoformat(timespec="seconds"),
        "machine": machine.as_dict(),
        "requests": REQUESTS,
    }
    kept |= found
    (RESULTS / f"volume-{when:%Y-%m-%d}.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    return json.dumps(found, ensure_ascii=False, indent=1)
