"""`intercup models` and what `intercup migrate` publishes, at a terminal."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from intercup.commands import database as database_commands
from intercup.commands import models as models_commands
from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.services.models.store import Shipped, add, models, publish, publish_shipped
from intercup.settings import load_settings
from tests.support.desk import logged
from tests.support.tiny_model import tiny_model

BASE = "0" * 64


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the model of `make train`."""
    model = tmp_path / "intercup.tar.gz"
    model.write_bytes(tiny_model("aaaaaaaa"))
    model.with_name("intercup.tar.gz.sources").write_text(BASE)
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("INTERCUP_DATABASE_URL", sqlite_url)
    for commands in (database_commands, models_commands):
        monkeypatch.setattr(commands, "MODEL", model)
    return model


async def run(*arguments: str) -> int:
    def command() -> int:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr(sys, "argv", ["intercup", *arguments])
            main()
        return int(str(ended.value.code))

    return await asyncio.to_thread(command)


async def test_a_model_is_published_and_the_one_before_again(
    place: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("migrate") == 0
    assert await run("models", "back") == 1
    async with database.write() as writing:
        await add(writing, tiny_model("bbbbbbbb"), BASE, "Rosa", 1.0, examples=2)
        await add(writing, tiny_model("bbbbcccc"), BASE, "Rosa", 2.0)
    assert await run("models", "publish", "cccc") == 1
    assert await run("models", "publish", "bbbb") == 1
    assert "più modelli" in capsys.readouterr().err
    assert await run("models", "publish", "bbbbb") == 1
    assert "non è stato provato" in capsys.readouterr().err
    assert await run("models", "publish", "bbbbb", "--reason", "prova urgente") == 0
    assert await run("models", "list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line[:10] for line in listed if line[0] == "*"] == ["* bbbbbbbb"]
    assert await run("migrate") == 0  # which publishes nothing any more
    assert await run("models", "back") == 0
    assert await run("models", "list") == 0
    assert "* aaaaaaaa" in capsys.readouterr().out
    assert [event[1:] for event in await logged(database)] == [
        ("model_published", "bbbbbbbb", "prova urgente"),
        ("model_published", "aaaaaaaa", ""),
    ]


async def test_in_the_demo_the_newest_file_answers_as_in_rasa_shell(
    place: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async def in_use() -> str:
        assert await run("migrate") == 0
        capsys.readouterr()
        assert await run("models", "list") == 0
        return next(line[2:10] for line in capsys.readouterr().out.splitlines() if line[0] == "*")

    assert await in_use() == "aaaaaaaa"
    candidate = place.with_name("20261130-green-otter.tar.gz")
    candidate.write_bytes(tiny_model("bbbbbbbb"))
    later = time.time() + 60
    os.utime(candidate, (later, later))
    assert await in_use() == "bbbbbbbb"
    # Somebody publishes another one later: it stays, until a newer file comes.
    async with database.write() as writing:
        await publish(
            writing, await add(writing, tiny_model("cccccccc"), BASE, "Rosa", 1.0), "", later + 60
        )
    assert await in_use() == "cccccccc"
    unknown = place.with_name("20261130-red-otter.tar.gz")
    unknown.write_bytes(tiny_model("dddddddd"))
    os.utime(unknown, (later + 30, later + 30))
    assert await in_use() == "cccccccc", "a file made before took its place"
    os.utime(place, (later + 120, later + 120))
    assert await in_use() == "aaaaaaaa"
    candidate.write_bytes(b"half a model")
    os.utime(candidate, (later + 180, later + 180))
    assert await in_use() == "aaaaaaaa"


async def test_in_production_a_candidate_waits(
    place: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.write() as writing:
        await publish_shipped(writing, Shipped(place), 1.0)
    place.with_name("candidate.tar.gz").write_bytes(tiny_model("bbbbbbbb"))
    monkeypatch.setattr(
        database_commands,
        "load_settings",
        lambda: load_settings().model_copy(update={"profile": "production"}),
    )
    assert await run("migrate") == 0
    async with database.read() as reading:
        assert [model.name for model in await models(reading, BASE)] == ["aaaaaaaa"]


async def test_what_changes_with_a_model_is_shown(
    place: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    report = {
        "sets": {
            "dev": {
                "sentences": 10,
                "before": 0.9,
                "after": 0.8,
                "intents": {"greet": [1.0, 0.5, 2]},
            }
        },
        "changes": [{"text": "ehilà", "label": "greet", "before": "greet", "after": "thank?"}],
        "lost": [],
        "won": [],
        "gates": {"valid": True, "accuracy": False},
    }
    async with database.write() as writing:
        await add(writing, tiny_model("bbbbbbbb"), BASE, "Rosa", 1.0, 2, report)
        await add(writing, tiny_model("cccccccc"), BASE, "Rosa", 1.0)
    assert await run("models", "try", "c") == 1
    assert await run("models", "try", "b") == 0
    shown = capsys.readouterr()
    assert "sviluppo: 10 frasi, 90.0% -> 80.0%" in shown.out
    assert "greet: 100.0% -> 50.0% di 2" in shown.out
    assert "«ehilà» (greet): greet -> thank?" in shown.out
    assert "perde più di un punto" in shown.err
    assert [event[1:] for event in await logged(database)] == [("model_seen", "bbbbbbbb", "")]
