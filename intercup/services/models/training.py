"""Trainings of the working version, aside: asked for by anybody, done by a worker, one at a time.

The working version is the program's files and the sentences that the technical team accepted. Each
step is a process of its own, in the lowest priority; the row of the training tells how far it is.
"""

import asyncio
import json
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Training
from intercup.services.ids import new_id
from intercup.services.models import store
from intercup.services.tuning.decisions import as_rasa, examples
from intercup.services.tuning.file_sentences import (
    Sentence,
    as_examples,
    in_files,
    in_force,
    moved,
    rewrite,
)

ACTIVE = ("waiting", "running")
LOOK_EVERY = 1.0  # seconds between two looks at the row, which may be cancelled
DEAD_AFTER = 60.0  # seconds without a sign of the worker
ACCURACY_LOSS_MAX = 0.01
SETS = ("dev", "test", "life")  # of sentences outside the training data
STEPS = ("validate", "train", "stories", "measure")
SAID_MAX = 1_500  # characters
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Warnings about libraries, and about answers that only code says.
_NOISE = ("Deprecat", "pkg_resources", "declare_namespace", "is not used in any story")
_FILES = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml")


class TrainingFailed(Exception):
    """A step made no model, or nothing to compare: its name, then the end of what it said."""


class Stopped(Exception):
    """The training was cancelled, or the worker stops."""


@dataclass(frozen=True)
class Place:
    """The program's bot folder, its structures, and a folder of ours to train in."""

    bot: Path
    structures: Path
    folder: Path
    python: Path
    environment: Mapping[str, str]

    @property
    def shipped(self) -> store.Shipped:
        """The model of `make train`, which names the program."""
        return store.Shipped(self.bot / "models/intercup.tar.gz")

    @property
    def project(self) -> Path:
        """The Rasa project that is trained."""
        return self.folder / "bot"

    def commands(self) -> dict[str, tuple[str, ...]]:
        """Return the steps' commands; Rasa's own run in the project, ours in the bot folder."""
        model = str(self.project / "models/intercup.tar.gz")
        told = (str(self.folder / "published.tar.gz"), model, str(self.folder / "report.json"))
        core = ("test", "core", "--e2e", "--model", model, "--stories", "tests/stories")
        judged = ("--out", "results", "--fail-on-prediction-errors")
        project = str(self.project)
        return {
            "validate": ("evaluation", "rasa", "data", "validate", "--fail-on-warnings"),
            "train": ("engine.launcher", "--project", project, "train", "--force"),
            "stories": ("evaluation", "rasa", *core, *judged),
            "measure": ("evaluation", "trial", project, *told),
        }


async def ask(writing: AsyncSession, by: str, now: float) -> str | None:
    """Ask for a training and return its id; None if one is waiting or running."""
    await store.alone(writing)
    if await is_asked_for(writing):
        return None
    id_ = new_id()
    moments = {"asked_at": now, "step_at": now, "seen_at": now}
    writing.add(Training(id=id_, asked_by=by, state="waiting", step="", problem="", **moments))
    return id_


async def is_asked_for(reading: AsyncSession) -> bool:
    """Return True if a training waits or runs."""
    return await reading.scalar(select(Training.id).where(Training.state.in_(ACTIVE))) is not None


async def latest(reading: AsyncSession) -> Training | None:
    """Return the newest training."""
    found = select(Training).order_by(Training.asked_at.desc()).limit(1)
    return await reading.scalar(found)


async def cancel(writing: AsyncSession, id_: str = "") -> bool:
    """Cancel the training that waits or runs, or only this one; its worker soon stops it."""
    wanted = [Training.state.in_(ACTIVE), *([Training.id == id_] if id_ else [])]
    active = update(Training).where(*wanted).values(state="cancelled")
    return bool((await writing.scalars(active.returning(Training.id))).all())


async def begin(writing: AsyncSession, now: float) -> Training | None:
    """Begin the waiting training, unless one runs; one whose worker is gone has failed."""
    await writing.execute(
        update(Training)
        .where(Training.state == "running", Training.seen_at < now - DEAD_AFTER)
        .values(state="broken", problem="worker")
    )
    running = exists().where(Training.state == "running").correlate(None)
    found = await writing.scalars(
        update(Training)
        .where(Training.state == "waiting", ~running)
        .values(state="running", seen_at=now)
        .returning(Training)
    )
    return found.first()


async def train_waiting(database: Database, place: Place, stop: asyncio.Event) -> None:
    """Do the waiting training, if there is one; else remove what the last one left."""
    async with database.read() as reading:  # Most looks find nothing: others may write.
        if not await is_asked_for(reading):
            shutil.rmtree(place.folder, ignore_errors=True)
            return
    async with database.write() as writing:
        training = await begin(writing, time.time())
    if training is None:
        return
    try:
        model = await Trial(database, place, training.id, stop).run(training.asked_by)
        end = {"state": "done", "model": model}
    except Stopped:
        return
    except TrainingFailed as error:
        end = {"state": "broken", "problem": str(error)}
    except Exception as error:  # as of a full disk: the next training may begin
        await _end(database, training, {"state": "broken", "problem": type(error).__name__})
        raise
    await _end(database, training, end)


async def _end(database: Database, training: Training, end: dict[str, str]) -> None:
    async with database.write() as writing:
        ours = Training.id == training.id, Training.state == "running"
        await writing.execute(update(Training).where(*ours).values(**end))


class Trial:
    """One training, step by step."""

    def __init__(self, database: Database, place: Place, id_: str, stop: asyncio.Event) -> None:
        self._database = database
        self._place = place
        self._id = id_
        self._stop = stop

    async def run(self, by: str) -> str:
        """Train, compare with the published model, store; return the model's hash.

        Raises:
            TrainingFailed, Stopped: no model is stored.
        """
        place, base = self._place, self._place.shipped.base
        here = set(await asyncio.to_thread(in_files, place.bot / "data"))
        async with self._database.read() as reading:
            found, changed = await examples(reading), await moved(reading, here)
            in_use = await store.published(reading, base)
            content = await store.content_of(reading, in_use.sha256) if in_use else b""
        changed = in_force(changed, here)
        found = [*found, *as_examples(changed)]
        taught = [[each.text, each.intent] for each in found if each.purpose == "training"]
        gone = [(each.intent, each.text) for each in changed]
        await asyncio.to_thread(_prepare, place, as_rasa(found), gone, content)
        passed = {}
        for step in STEPS:
            await self._enter(step)
            passed[step] = await self._do(step)
            if not passed[step] and step in ("train", "measure"):
                raise TrainingFailed(f"{step}\n{self._said(step)}")
        report = json.loads((place.folder / "report.json").read_text("utf-8"))
        report["gates"] = gates(report, passed)
        report |= {"against": in_use.name if in_use else "", "taught": taught}
        report["untaught"] = [[text, intent] for intent, text in gone]
        report["said"] = {step: self._said(step) for step in STEPS if not passed[step]}
        model = (place.project / "models/intercup.tar.gz").read_bytes()
        async with self._database.write() as writing:
            return await store.add(writing, model, base, by, time.time(), len(taught), report)

    async def _enter(self, step: str) -> None:
        async with self._database.write() as writing:
            await writing.execute(
                update(Training)
                .where(Training.id == self._id)
                .values(step=step, step_at=time.time())
            )

    async def _do(self, step: str) -> bool:
        place = self._place
        command = place.commands()[step]
        with (place.folder / f"{step}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *("nice", "-n", "19", str(place.python.absolute()), "-m", *command),
                cwd=place.project if "rasa" in command else place.bot,
                env={**place.environment, "PYTHONPATH": str(place.bot.absolute())},
                stdout=log,
                stderr=log,
            )
        try:
            while process.returncode is None:
                await self._still_wanted()
                try:
                    async with asyncio.timeout(LOOK_EVERY):
                        await process.wait()
                except TimeoutError:
                    continue
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode == 0

    def _said(self, step: str) -> str:
        log = (self._place.folder / f"{step}.log").read_text("utf-8", "replace")
        lines = _COLOURS.sub("", log).splitlines()
        told = (line for line in lines if not any(noise in line for noise in _NOISE))
        return "\n".join(told)[-SAID_MAX:].strip()

    async def _still_wanted(self) -> None:
        async with self._database.write() as writing:
            ours = Training.id == self._id, Training.state == "running"
            seen = update(Training).where(*ours).values(seen_at=time.time())
            wanted = (await writing.scalars(seen.returning(Training.id))).all()
            if self._stop.is_set():
                stopped = update(Training).where(*ours)
                await writing.execute(stopped.values(state="broken", problem="worker"))
        if not wanted or self._stop.is_set():
            raise Stopped


def gates(report: dict[str, Any], passed: Mapping[str, bool]) -> dict[str, bool]:
    """Return what has to hold before a model is published without a reason."""
    losses = [each["before"] - each["after"] for each in report["sets"].values()]
    return {
        "valid": passed["validate"],
        "separate": not report["copied"],
        "answered": not report["unanswered"],
        "known": not report["misread"],
        "emergencies": not report["lost"],
        "accuracy": max(losses, default=0.0) <= ACCURACY_LOSS_MAX,
        "stories": passed["stories"],
    }


def _prepare(
    place: Place, accepted: Mapping[str, str], gone: Sequence[Sentence], published: bytes
) -> None:
    """Copy the program's files, less what is gone; write the accepted sentences beside them."""
    shutil.rmtree(place.folder, ignore_errors=True)
    (place.project / "models").mkdir(parents=True)
    for name in _FILES:
        shutil.copy(place.bot / name, place.project)
    for name in ("data", "tests"):
        shutil.copytree(place.bot / name, place.project / name)
    rewrite(place.project / "data", gone)
    for arrays in (place.bot / "models").glob("*.npz"):  # from which a training begins
        shutil.copy(arrays, place.project / "models")
    (place.folder / "config").mkdir()
    shutil.copy(place.structures, place.folder / "config/structures.yaml")
    (place.project / "accepted").mkdir()
    for name, text in accepted.items():
        at = "data/nlu_accepted.yml" if name == "nlu.yml" else f"accepted/{name}"
        (place.project / at).write_text(text, "utf-8")
    (place.folder / "published.tar.gz").write_bytes(published)
