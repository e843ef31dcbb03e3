"""The technical team's wordings of answers, in force in every process within CHECK_EVERY."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Wording
from intercup.domain.answers import Answer, filled, losses
from intercup.domain.normalise import normalise
from intercup.domain.versions import (
    RELEASED,
    Settled,
    is_edit,
    is_restored,
    is_return,
    origin_of,
    stands,
)
from intercup.errors import Unavailable
from intercup.services.answers.origin import FILES, HERE, answer_by_name, answers
from intercup.services.known_files import first_met

CHECK_EVERY = 2.0  # seconds


class Wordings:
    """A process's wordings; `watch` keeps them up to date with the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._texts: Mapping[str, str] = {}

    def worded(self, replies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return Rasa's replies; those with a wording have its text, and are `edited`."""
        return [self._worded(reply) for reply in replies]

    def _worded(self, reply: dict[str, Any]) -> dict[str, Any]:
        answer = reply.get("answer") or {}
        text = self._texts.get(answer.get("name", ""))
        words = None if text is None else filled(text, answer["values"])
        if words is None:
            return reply  # A release may have changed the placeholders.
        return reply | {"text": words, "edited": True}

    async def look(self) -> None:
        """Read them; without a database the old ones stay."""
        try:
            async with self._database.read() as reading:
                newest = await newest_by_name(reading)
        except Unavailable:
            return
        self._texts = {name: each.text for name, each in newest.items() if _is_said(each)}

    async def watch(self) -> None:
        """Read them every few seconds, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(CHECK_EVERY)


@dataclass(frozen=True)
class Worded:
    """An answer with the newest wording of it, if there is one."""

    answer: Answer
    wording: Wording | None

    @property
    def text(self) -> str:
        """The text in force."""
        return self.wording.text if self.wording and self.is_edited else self.answer.text

    @property
    def is_edited(self) -> bool:
        """Return True if the wording says something else than the file, and stands above it."""
        return self.wording is not None and stands(self.wording, self.answer.text)

    @property
    def is_taken(self) -> bool:
        """Return True if the file contains the wording."""
        wording = self.wording
        return wording is not None and is_edit(wording) and wording.text == self.answer.text

    @property
    def is_outdated(self) -> bool:
        """Return True if a release has changed the origin of an edited answer."""
        wording = self.wording
        return self.is_edited and wording is not None and wording.origin != self.answer.text


def _is_said(wording: Wording) -> bool:
    """Return True if it stands above the file, and says what a release's origin must say."""
    answer = answer_by_name().get(wording.answer)
    if answer is None or not stands(wording, answer.text):
        return False
    return next(losses(answer, wording.text), None) is None


async def newest_by_name(reading: AsyncSession) -> dict[str, Wording]:
    """Return the newest wording of each response that has one."""
    newest = select(func.max(Wording.id)).group_by(Wording.answer)
    found = await reading.scalars(select(Wording).where(Wording.id.in_(newest)))
    return {wording.answer: wording for wording in found}


async def all_worded(reading: AsyncSession, program: Path = HERE) -> list[Worded]:
    """Return every answer of a program with its wording."""
    newest = await newest_by_name(reading)
    return [Worded(answer, newest.get(name)) for name, answer in answers(program).items()]


async def gone(reading: AsyncSession, worded: Sequence[Worded]) -> list[Wording]:
    """Return the edits of answers that aren't among a program's."""
    known = {name for each in worded for name in each.answer.names}
    newest = await newest_by_name(reading)
    return [row for name, row in newest.items() if name not in known and is_edit(row)]


async def history(reading: AsyncSession, answer: Answer) -> Sequence[Wording]:
    """Return an answer's wordings, the newest first."""
    order = select(Wording).where(Wording.answer == answer.name).order_by(Wording.id.desc())
    return (await reading.scalars(order)).all()


def as_answer(typed: str) -> str:
    """Return what was typed as an answer is stored: without empty lines and useless spaces."""
    lines = (" ".join(line.split()) for line in normalise(typed).splitlines())
    return "\n".join(line for line in lines if line)


async def save(writing: AsyncSession, answer: Answer, text: str, seen: str, who: str) -> bool:
    """Store a text without problems; the origin's goes back to it.

    `seen` is the id of the newest wording that its editor knows, or 0. False if there is a newer.
    """
    newest = (await newest_by_name(writing)).get(answer.name)
    if seen != str(newest.id if newest else 0):
        return False
    origin = origin_of(newest, text, answer.text)
    if not await _add(writing, answer, newest, text, origin, who):
        return False
    if is_return(text, origin, answer.text):
        saved = (await newest_by_name(writing))[answer.name]
        await _add(writing, answer, saved, text, origin, RELEASED)
    return True


async def _add(
    writing: AsyncSession, answer: Answer, newest: Wording | None, text: str, origin: str, who: str
) -> bool:
    """Add a wording after the newest; False if another editor was faster."""
    stored = {"text": text, "origin": origin, "who": who, "at": time.time()}
    after = newest.id if newest else 0
    try:
        async with writing.begin_nested():
            writing.add_all(Wording(answer=name, after=after, **stored) for name in answer.names)
    except IntegrityError:
        return False
    return True


async def settle(writing: AsyncSession) -> Settled:
    """End the wordings that the files have taken over, for each file but the one they replaced.

    Without this a wording taken over would come back over the next release's text. If that restores
    the text of before, the wording follows every file from then on. Return the answers' names.
    """
    worded = await all_worded(writing)
    content = "".join(file.read_text("utf-8") for file in FILES)
    met_at = await first_met(writing, "answers", content, time.time())
    restored = []
    for each in worded:
        wording, origin = each.wording, each.answer.text
        if wording and each.is_taken:
            await _add(writing, each.answer, wording, wording.text, wording.origin, RELEASED)
        elif wording and is_restored(wording, origin, wording.at, met_at):
            await _add(writing, each.answer, wording, origin, origin, RELEASED)
            restored.append(each.answer.name)
    lost = [row.answer for row in await gone(writing, worded)]
    outdated = [each.answer.name for each in worded if each.is_outdated]
    return Settled(outdated, lost, restored)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Return the pieces of both texts in order: "same", "del" or "ins", and the words."""
    old, new = (re.findall(r"\S+\s*", text) for text in (before, after))
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = kind == "equal"
        pieces += [("same" if same else "del", "".join(old[a:b]))]
        pieces += [] if same else [("ins", "".join(new[c:d]))]
    return [(kind, words) for kind, words in pieces if words]
