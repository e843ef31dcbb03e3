"""The store of models: what is published, for which program, and what stays."""

import asyncio
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.services.models.store import (
    CANDIDATES,
    WAYS_BACK,
    Shipped,
    add,
    content_of,
    held,
    models,
    publish,
    publish_shipped,
    published,
    recently_published,
)
from tests.support.tiny_model import tiny_model

pytestmark = pytest.mark.both_databases
BASE, NEXT_BASE = "0" * 64, "1" * 64


def shipped(folder: Path, base: str, name: str) -> Shipped:
    """The model that `make train` left of a program."""
    file = folder / "intercup.tar.gz"
    file.write_bytes(tiny_model(name))
    (folder / "intercup.tar.gz.sources").write_text(base)
    return Shipped(file)


async def in_use(database: Database, base: str) -> str | None:
    async with database.read() as reading:
        model = await published(reading, base)
    return model and model.name


async def test_a_clock_behind_publishes_too(database: Database, tmp_path: Path) -> None:
    for name, at in (("aaaaaaaa", 200.0), ("bbbbbbbb", 100.0)):
        async with database.write() as writing:
            sha256 = await add(writing, tiny_model(name), BASE, "Rosa", at)
            assert await publish(writing, sha256, "Rosa", at)
        assert await in_use(database, BASE) == name


async def publish_own(database: Database, base: str, name: str, now: float) -> None:
    async with database.write() as writing:
        sha256 = await add(writing, tiny_model(name), base, "Rosa", now)
        assert await publish(writing, sha256, "Rosa", now)


async def test_the_shipped_model_is_published_only_where_none_is(
    database: Database, tmp_path: Path
) -> None:
    async with database.write() as writing:
        await publish_shipped(writing, Shipped(tmp_path / "none.tar.gz"), 1.0)
        await publish_shipped(writing, shipped(tmp_path, BASE, "aaaaaaaa"), 2.0)
    assert await in_use(database, BASE) == "aaaaaaaa"
    await publish_own(database, BASE, "bbbbbbbb", 3.0)
    async with database.write() as writing:
        await publish_shipped(writing, shipped(tmp_path, BASE, "cccccccc"), 4.0)
    assert await in_use(database, BASE) == "bbbbbbbb"


async def test_two_cells_that_find_no_model_publish_one(database: Database, tmp_path: Path) -> None:
    made = shipped(tmp_path, BASE, "aaaaaaaa")

    async def start(now: float) -> None:
        async with database.write() as writing:
            await publish_shipped(writing, made, now)

    await asyncio.gather(*(start(float(now)) for now in range(4)))
    async with database.read() as reading:
        assert [model.name for model in await models(reading, BASE)] == ["aaaaaaaa"]


async def test_programs_have_models_of_their_own(database: Database, tmp_path: Path) -> None:
    await publish_own(database, BASE, "aaaaaaaa", 1.0)
    async with database.write() as writing:
        await publish_shipped(writing, shipped(tmp_path, NEXT_BASE, "bbbbbbbb"), 2.0)
    assert await in_use(database, BASE) == "aaaaaaaa"
    assert await in_use(database, NEXT_BASE) == "bbbbbbbb"


async def test_a_model_published_again_is_in_use_with_its_content(database: Database) -> None:
    await publish_own(database, BASE, "aaaaaaaa", 1.0)
    await publish_own(database, BASE, "bbbbbbbb", 2.0)
    async with database.write() as writing:
        _, before = await recently_published(writing, BASE)
        assert await publish(writing, before.sha256, "Rosa", 3.0)
        assert not await publish(writing, "gone", "Rosa", 4.0)
    assert await in_use(database, BASE) == "aaaaaaaa"
    async with database.read() as reading:
        assert await content_of(reading, before.sha256) == tiny_model("aaaaaaaa")


async def test_of_two_who_go_back_at_once_the_second_sees_what_the_first_did(
    database: Database,
) -> None:
    await publish_own(database, BASE, "aaaaaaaa", 1.0)
    await publish_own(database, BASE, "bbbbbbbb", 2.0)

    async def go_back() -> str:
        async with database.write() as writing:
            in_use, before = await held(writing, BASE)
            await asyncio.sleep(0.1)
            assert await publish(writing, before.sha256, "Rosa", 3.0)
        return in_use.name

    assert sorted(await asyncio.gather(go_back(), go_back())) == ["aaaaaaaa", "bbbbbbbb"]


async def test_only_the_ways_back_and_the_newest_candidates_stay(database: Database) -> None:
    for number in range(WAYS_BACK + 3):
        await publish_own(database, BASE, f"{number:08}", float(number))
    for number in range(CANDIDATES + 2):
        async with database.write() as writing:
            await add(writing, tiny_model(f"c{number:07}"), BASE, "Rosa", 100.0 + number)
    async with database.read() as reading:
        names = [model.name for model in await models(reading, BASE)]
    newest = WAYS_BACK + 2
    assert names[: 1 + WAYS_BACK] == [f"{newest - back:08}" for back in range(1 + WAYS_BACK)]
    assert names[1 + WAYS_BACK :] == [f"c{CANDIDATES + 1 - back:07}" for back in range(CANDIDATES)]
