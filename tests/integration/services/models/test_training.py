"""A training's row: asked for, done by one worker, cancelled, and failed with its worker."""

import asyncio
import json
import time
from pathlib import Path

import pytest
import yaml

from intercup.db.engine import Database
from intercup.db.tables import Example, Model, MovedSentence, Training
from intercup.services.models import store
from intercup.services.models.training import (
    DEAD_AFTER,
    STEPS,
    Place,
    ask,
    begin,
    cancel,
    gates,
    latest,
    train_waiting,
)
from tests.support.paths import ROOT
from tests.support.tiny_model import tiny_model

pytestmark = pytest.mark.both_databases
BASE = "0" * 64
SAID = r"\033[91mdue intenti\033[0m\nb.py:2: x is not used in any story or rule\n"
REPORT = {
    "sets": {"dev": {"before": 0.9, "after": 0.9}},
    "changes": [],
    "lost": [],
    "won": [],
    "copied": [],
    "unanswered": [],
    "misread": [],
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A bot folder whose Python only writes what each step leaves."""
    bot = tmp_path / "bot"
    for name in ("data", "tests", "models"):
        (bot / name).mkdir(parents=True)
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        (bot / name).touch()
    (bot / "models/intercup.tar.gz").write_bytes(tiny_model("aaaaaaaa"))
    (bot / "models/intercup.tar.gz.sources").write_text(BASE)
    (tmp_path / "trained.tar.gz").write_bytes(tiny_model("bbbbbbbb"))
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    python = tmp_path / "python"
    python.write_text(
        f"""#!/bin/sh
case "$2 $3" in
  engine.launcher*) cp {tmp_path}/trained.tar.gz {tmp_path}/work/bot/models/intercup.tar.gz ;;
  "evaluation trial") cp {tmp_path}/report.json {tmp_path}/work/report.json ;;
  "evaluation rasa")
    [ ! -e {tmp_path}/slow ] || exec sleep 60
    [ ! -e {tmp_path}/wrong ] || {{ printf '{SAID}'; exit 1; }} ;;
esac
"""
    )
    python.chmod(0o755)
    structures = ROOT / "config/structures.yaml"
    return Place(bot, structures, tmp_path / "work", python, {"PATH": "/usr/bin:/bin"})


async def test_sentences_taken_out_of_the_files_are_not_trained_and_the_moved_are(
    database: Database, place: Place
) -> None:
    blocks = "nlu:\n- intent: greet\n  examples: |\n    - ciao\n    - salve\n    - ehi\n"
    (place.bot / "data/nlu.yml").write_text(blocks)
    await ready(database, place)
    async with database.write() as writing:
        for text, to in (("salve", "goodbye"), ("ehi", None)):
            row = {"id": text, "text": text, "moved_to": to, "day": "2026-11-29"}
            writing.add(MovedSentence(intent="greet", **row))
    await train_waiting(database, place, asyncio.Event())
    assert (place.project / "data/nlu.yml").read_text() == blocks.replace(
        "    - salve\n    - ehi\n", ""
    )
    added = yaml.safe_load((place.project / "data/nlu_accepted.yml").read_text())["nlu"]
    assert {"intent": "goodbye", "examples": "- salve\n"} in added
    assert (place.bot / "data/nlu.yml").read_text() == blocks
    async with database.read() as reading:
        model = await reading.get_one(Model, (await now_as(database)).model)
    assert model.report
    assert ["salve", "goodbye"] in model.report["taught"]
    assert sorted(model.report["untaught"]) == [["ehi", "greet"], ["salve", "greet"]]


async def ready(database: Database, place: Place) -> str | None:
    """Publish the shipped model, accept a sentence and ask for a training."""
    example = {"text": "lo spid mi rimanda indietro", "intent": "report_access_problem"}
    async with database.write() as writing:
        await store.publish_shipped(writing, place.shipped, 1.0)
        writing.add(Example(id="e", purpose="training", day="2026-11-29", **example))
        return await ask(writing, "Rosa", time.time())


async def now_as(database: Database) -> Training:
    async with database.read() as reading:
        found = await latest(reading)
    assert found
    return found


async def test_a_training_leaves_a_tried_model_and_publishes_nothing(
    database: Database, place: Place
) -> None:
    assert await ready(database, place)
    async with database.write() as writing:
        assert await ask(writing, "Rosa", time.time()) is None
    await train_waiting(database, place, asyncio.Event())
    training = await now_as(database)
    assert (training.state, training.step) == ("done", STEPS[-1])
    accepted = (place.project / "data/nlu_accepted.yml").read_text()
    assert "- lo spid mi rimanda indietro" in accepted
    async with database.read() as reading:
        model = await reading.get_one(Model, training.model)
        in_use = await store.published(reading, BASE)
    assert (model.name, model.base, model.examples) == ("bbbbbbbb", BASE, 1)
    assert store.missed_gates(model, in_use) == []
    assert in_use
    assert in_use.name == "aaaaaaaa"
    await train_waiting(database, place, asyncio.Event())
    assert not place.folder.exists()


async def test_a_step_that_fails_says_why(database: Database, place: Place) -> None:
    await ready(database, place)
    (place.folder.parent / "wrong").touch()
    await train_waiting(database, place, asyncio.Event())
    training = await now_as(database)
    async with database.read() as reading:
        model = await reading.get_one(Model, training.model)
    assert model.report
    assert model.report["said"] == dict.fromkeys(("validate", "stories"), "due intenti")
    assert [name for name, held in model.report["gates"].items() if not held] == [
        "valid",
        "stories",
    ]
    (place.folder.parent / "trained.tar.gz").unlink()
    async with database.write() as writing:
        await ask(writing, "Rosa", time.time())
    await train_waiting(database, place, asyncio.Event())
    training = await now_as(database)
    assert training.state == "broken"
    assert training.problem.splitlines()[0] == "train"
    assert "trained.tar.gz" in training.problem


async def test_of_two_who_ask_at_once_one_gets_a_training(database: Database, place: Place) -> None:
    async with database.write() as writing:
        await store.publish_shipped(writing, place.shipped, 1.0)

    async def ask_slowly() -> str | None:
        async with database.write() as writing:
            asked = await ask(writing, "Rosa", 1.0)
            await asyncio.sleep(0.1)
            return asked

    assert (await asyncio.gather(ask_slowly(), ask_slowly())).count(None) == 1


async def test_a_cancelled_training_ends_at_once_and_leaves_no_model(
    database: Database, place: Place
) -> None:
    await ready(database, place)
    (place.folder.parent / "slow").touch()
    working = asyncio.create_task(train_waiting(database, place, asyncio.Event()))
    async with asyncio.timeout(20):
        while (await now_as(database)).step != STEPS[0]:  # noqa: ASYNC110 (the database's state)
            await asyncio.sleep(0.05)
        async with database.write() as writing:
            assert await cancel(writing)
            assert not await cancel(writing)
        await working
    assert (await now_as(database)).state == "cancelled"
    async with database.read() as reading:
        assert [model.name for model in await store.models(reading, BASE)] == ["aaaaaaaa"]


async def test_a_fault_ends_a_training_at_once(database: Database, place: Place) -> None:
    await ready(database, place)
    place.folder.write_text("no folder can be made here")
    with pytest.raises(NotADirectoryError):
        await train_waiting(database, place, asyncio.Event())
    training = await now_as(database)
    assert (training.state, training.problem) == ("broken", "NotADirectoryError")


async def test_one_training_at_a_time_and_a_dead_workers_has_failed(database: Database) -> None:
    async with database.write() as writing:
        await ask(writing, "Rosa", 1_000.0)
        assert await begin(writing, 1_000.0)
        await ask(writing, "Rosa", 1_001.0)
        assert await begin(writing, 1_000.0 + DEAD_AFTER) is None
        assert await begin(writing, 1_001.0 + DEAD_AFTER) is None  # nobody waits any more
    assert (await now_as(database)).state == "broken"


def test_each_gate_is_missed_alone() -> None:
    passed = dict.fromkeys(STEPS, True)
    worse = {"dev": {"before": 0.95, "after": 0.93}}
    missed = [
        [name for name, held in found.items() if not held]
        for found in (
            gates(REPORT, passed),
            gates(REPORT, passed | {"validate": False}),
            gates(REPORT, passed | {"stories": False}),
            gates(REPORT | {"copied": ["ciao"]}, passed),
            gates(REPORT | {"unanswered": ["greet"]}, passed),
            gates(REPORT | {"misread": [{"text": "grazie"}]}, passed),
            gates(REPORT | {"lost": ["aiuto"]}, passed),
            gates(REPORT | {"sets": worse}, passed),
        )
    ]
    names = ("valid", "stories", "separate", "answered", "known", "emergencies", "accuracy")
    assert missed == [[], *([name] for name in names)]
