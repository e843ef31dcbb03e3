"""Decisions on groups of sentences, and the working version of examples that they make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import yaml
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Example, KeptSentence
from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from intercup.domain.normalise import normalise
from intercup.domain.personal_data import without_personal_data
from intercup.domain.sentences import Action
from intercup.errors import Incomplete
from intercup.services.ids import new_id
from intercup.services.tuning.file_sentences import Sentence, as_examples, in_force, moved
from intercup.services.tuning.queue import WAITING, is_life, known_intents

REWRITE_MAX = 200  # characters
OUT_OF_SCOPE = "out_of_scope"
FILES = {"training": "nlu.yml", "test": "nlu_test.yml", "life": "nlu_life.yml"}
_SUSPECT = re.compile(r"\[[^\]\[]*\]|\d+|\b[^\W\d_a-zà-ÿ]\w*")


class BadRewrite(Incomplete):
    """A sentence that can't become an example as it is written."""


@dataclass(frozen=True)
class Decision:
    """An order about the sentences of a group that were read, by their ids.

    Text and intent count where it makes an example.
    """

    key: str
    action: Action
    text: str = ""
    intent: str = ""
    shown: frozenset[str] = frozenset()


def suspects(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a sentence, each with True if it may lead to a person."""
    end = 0
    for match in _SUSPECT.finditer(text):
        is_first = not text[: match.start()].strip() and match.group().isalpha()
        yield text[end : match.start()], False
        yield match.group(), not is_first
        end = match.end()
    yield text[end:], False


def prefilled(text: str) -> str:
    """Return a sentence as the rewrite begins: small letters, no signs at its ends."""
    return " ".join(text.lower().split()).strip(" .,;:!…-")[:REWRITE_MAX]


def problems_of_rewrite(decision: Decision, directory: Directory) -> dict[str, str]:
    """Return the key of each field's problem."""
    if decision.action in ("ignore", "delete"):
        return {}
    problems = {}
    text = normalise(decision.text)
    if not text:
        problems["text"] = "empty"
    elif len(text) > REWRITE_MAX or "\n" in text:
        problems["text"] = "long"
    elif "[" in text or without_personal_data(text, directory) != " ".join(text.split()):
        problems["text"] = "personal"
    if decision.action != "out_of_scope" and decision.intent not in known_intents():
        problems["intent"] = "intent"
    return problems


async def decide(writing: AsyncSession, decision: Decision, directory: Directory) -> str | None:
    """Carry out a decision; return its id, for `undo`, or None if one of the sentences is gone.

    Sentences that joined the group since it was shown wait on.

    Raises:
        BadRewrite: nothing was changed.
    """
    if problems := problems_of_rewrite(decision, directory):
        raise BadRewrite(problems)
    shown = KeptSentence.id.in_(decision.shown)
    waiting = await writing.scalars(
        select(KeptSentence.id)
        .where(shown, *WAITING, KeptSentence.likeness == decision.key)
        .order_by(KeptSentence.id)
        .with_for_update()
    )
    if not decision.shown or set(waiting) != decision.shown:
        return None
    if decision.action == "delete":
        await writing.execute(delete(KeptSentence).where(shown))
        return "deleted"
    id_ = new_id()
    is_ignored = decision.action == "ignore"
    state = "ignored" if is_ignored else "done"
    await writing.execute(update(KeptSentence).where(shown).values(state=state, example_id=id_))
    if not is_ignored:
        writing.add(_example(id_, decision))
    return id_


async def add_example(
    writing: AsyncSession, here: Sequence[Sentence], text: str, intent: str, directory: Directory
) -> str:
    """Add a training sentence that no citizen has said; return its id, for `undo`.

    `here` are the files' sentences, read before the transaction.

    Raises:
        BadRewrite: nothing was changed.
    """
    decision = Decision("", "accept", text, intent)
    if problems := problems_of_rewrite(decision, directory):
        raise BadRewrite(problems)
    row = _row(new_id(), decision, "training")
    if intents := await _intents_of(writing, here, row.text):
        raise BadRewrite({"text": "known" if intent in intents else "known_elsewhere"})
    writing.add(row)
    return row.id


async def _intents_of(reading: AsyncSession, here: Sequence[Sentence], text: str) -> set[str]:
    """Return the intents that a text is trained with, in small or capital letters."""
    files = set(here)
    changed = in_force(await moved(reading, files), files)
    taught = [*await examples(reading), *as_examples(changed)]
    trained = files - {(each.intent, each.text) for each in changed}
    trained |= {(each.intent, each.text) for each in taught if each.purpose == "training"}
    return {intent for intent, known in trained if known.casefold() == text.casefold()}


def _example(id_: str, decision: Decision) -> Example:
    purpose = "test" if decision.action == "test" else "training"
    return _row(id_, decision, "life" if is_life(decision.key) else purpose)


def _row(id_: str, decision: Decision, purpose: str) -> Example:
    return Example(
        id=id_,
        text=" ".join(normalise(decision.text).split()),
        intent=OUT_OF_SCOPE if decision.action == "out_of_scope" else decision.intent,
        purpose=purpose,
        day=f"{datetime.now(UTC).astimezone(ROME):%Y-%m-%d}",
    )


async def undo(writing: AsyncSession, id_: str) -> bool:
    """Take a decision back: its sentences wait again, its example is gone."""
    changed = await writing.scalars(
        update(KeptSentence)
        .where(KeptSentence.example_id == id_)
        .values(state="new", example_id=None)
        .returning(KeptSentence.id)
    )
    gone = await writing.scalars(delete(Example).where(Example.id == id_).returning(Example.id))
    return bool(changed.all()) | bool(gone.all())


async def examples(reading: AsyncSession) -> Sequence[Example]:
    """Return the examples of the working version, by purpose and intent."""
    order = (Example.purpose, Example.intent, Example.text)
    return (await reading.scalars(select(Example).order_by(*order))).all()


def as_rasa(found: Sequence[Example]) -> dict[str, str]:
    """Write the examples as files of training data, by file name; an empty one is left out."""
    files = {}
    for purpose, name in FILES.items():
        by_intent: dict[str, list[str]] = {}
        for each in found:
            if each.purpose == purpose:
                by_intent.setdefault(each.intent, []).append(each.text)
        if by_intent:
            files[name] = _nlu(by_intent)
    return files


def _nlu(by_intent: dict[str, list[str]]) -> str:
    blocks = ['version: "3.1"', "", "nlu:"]
    for intent, texts in by_intent.items():
        lines = (f"      - {text}" for text in dict.fromkeys(texts))
        blocks.append("\n".join([f"  - intent: {intent}", "    examples: |", *lines]))
    written = "\n".join(blocks) + "\n"
    yaml.safe_load(written)  # a text that breaks the file must not leave the house
    return written
