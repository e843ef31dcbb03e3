"""The route by which Rasa, which has no database, gets the published model."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from actions.server import giving_the_model
from sanic.request import Request, RequestParameters

from intercup.db.engine import Database
from intercup.services.models.store import Shipped, add, publish
from tests.support.tiny_model import tiny_model

pytestmark = pytest.mark.both_databases
BASE = "0" * 64


async def test_the_model_of_make_train_is_published_and_refused_ones_are_left_out(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "intercup.tar.gz"
    give = giving_the_model(database, Shipped(file))

    async def answer(*refused: str, have: str = "") -> tuple[int, str]:
        query = RequestParameters({"refused": list(refused)} if refused else {})
        request: Any = SimpleNamespace(args=query, headers={"If-None-Match": have})
        found = await give(cast("Request", request))
        return found.status, found.headers.get("ETag", "")

    assert await answer() == (404, "")
    file.write_bytes(tiny_model("aaaaaaaa"))
    file.with_name(f"{file.name}.sources").write_text(BASE)
    give = giving_the_model(database, Shipped(file))
    status, first = await answer()
    assert status == 200
    assert await answer(have=first) == (304, "")
    hashes = []
    for number, name in enumerate(("bbbbbbbb", "cccccccc"), 1):
        async with database.write() as writing:
            hashes.append(await add(writing, tiny_model(name), BASE, "Rosa", 1e10 + number))
            await publish(writing, hashes[-1], "Rosa", 1e10 + number)
    assert await answer() == (200, hashes[1])
    assert await answer(*hashes) == (200, first)
