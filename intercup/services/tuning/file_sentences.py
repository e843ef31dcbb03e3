"""Training sentences of the program's files, taken out or moved to another intent at the desk.

The files stay the origin: a change is a row, applied where a model is trained aside, and written as
a patch for a developer. Sentences are found by intent and text, so a file may be cut in two.
"""

import difflib
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Example, MovedSentence
from intercup.domain.italian_time import ROME
from intercup.domain.versions import Settled
from intercup.errors import Incomplete
from intercup.services.ids import new_id
from intercup.services.known_files import first_met
from intercup.services.tuning.queue import known_intents

DATA = Path("bot/data")  # relative to the working directory
PATTERN = "nlu*.yml"
KEPT_MIN = 10  # sentences of the files that an intent keeps
_INTENT = re.compile(r"\s*- intent: (\S+)\s*")
_TIER = re.compile(r"\s+tier: \w+\s*")
_SENTENCE = re.compile(r"    \s*- (.+)")

type Sentence = tuple[str, str]  # intent and text
type Fate = Literal["open", "taken", "gone"]


class NotMoved(Incomplete):
    """A change of a sentence that can't be stored."""


def sentences_of(source: str) -> Iterator[tuple[int, Sentence]]:
    """Yield the line and the sentence of each example in a file of training data.

    Sentences that may tell of an emergency are left out: they teach that, and not only an intent.
    """
    intent = ""
    for number, line in enumerate(source.splitlines()):
        if found := _INTENT.fullmatch(line):
            intent = found[1]
        elif _TIER.fullmatch(line):
            intent = ""
        elif intent and (found := _SENTENCE.fullmatch(line)):
            yield number, (intent, found[1].strip())


def without(source: str, gone: Collection[Sentence]) -> str:
    """Return a file of training data without some sentences; all other lines stay."""
    lines = {number for number, sentence in sentences_of(source) if sentence in gone}
    kept = source.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(kept) if number not in lines)


def in_files(data: Path = DATA) -> list[Sentence]:
    """Return the training sentences of the program's files, each once, in their order."""
    texts = (file.read_text("utf-8") for file in sorted(data.glob(PATTERN)))
    return list(dict.fromkeys(sentence for text in texts for _, sentence in sentences_of(text)))


def _content() -> str:
    return "".join(file.read_text("utf-8") for file in sorted(DATA.glob(PATTERN)))


def rewrite(data: Path, gone: Collection[Sentence]) -> None:
    """Take sentences out of the files of a folder."""
    for file in data.glob(PATTERN) if gone else ():
        file.write_text(without(file.read_text("utf-8"), gone), "utf-8")


def patch_of(moved: Sequence[MovedSentence]) -> str:
    """Return a patch for `git apply` that takes these out of the files, or moves them there."""
    gone = {(each.intent, each.text) for each in moved}
    here = set(in_files())
    wanted = [(each.moved_to, each.text) for each in moved if each.moved_to]
    added = [sentence for sentence in dict.fromkeys(wanted) if sentence not in here]
    lines: list[str] = []
    for file in sorted(DATA.glob(PATTERN)):
        before = file.read_text("utf-8")
        after = without(before, gone)
        for intent, text in list(added):
            put = _with(after, intent, text)
            if put is not None:
                after = put
                added.remove((intent, text))
        old, new = (text.splitlines(keepends=True) for text in (before, after))
        lines += difflib.unified_diff(old, new, f"a/{file.as_posix()}", f"b/{file.as_posix()}")
    return "".join(lines)


def _with(source: str, intent: str, text: str) -> str | None:
    """Return a file with one more sentence after the first block of its intent, if it has one."""
    lines = source.splitlines(keepends=True)
    places = [number for number, (owner, _) in sentences_of(source) if owner == intent]
    if not places:
        return None
    last = places[0]
    while last + 1 in places:
        last += 1
    return "".join([*lines[: last + 1], f"    - {text}\n", *lines[last + 1 :]])


async def moved(reading: AsyncSession, here: Collection[Sentence]) -> list[MovedSentence]:
    """Return the changes, by intent and text, but those that files contain since a release."""
    changes, of = await _changes(reading), fate(here)
    return [each for each in changes if each.taken_at is None or of(each) == "open"]


async def _changes(reading: AsyncSession) -> Sequence[MovedSentence]:
    order = (MovedSentence.intent, MovedSentence.text)
    return (await reading.scalars(select(MovedSentence).order_by(*order))).all()


def as_examples(changes: Sequence[MovedSentence]) -> list[Example]:
    """Return moved sentences as what the training learns them as."""
    return [
        Example(id=each.id, text=each.text, intent=each.moved_to, purpose="training", day=each.day)
        for each in changes
        if each.moved_to
    ]


async def move(writing: AsyncSession, here: Sequence[Sentence], sentence: Sentence, to: str) -> str:
    """Take a sentence of the files out of the training, or move it; return the change's id.

    `here` are the files' sentences, read before the transaction; `to` is another intent or nothing.

    Raises:
        NotMoved: the files have no such sentence, it is changed already, its intent would keep too
            few, or there is no such other intent.
    """
    taken = {(each.intent, each.text) for each in await _changes(writing)}
    kept = Counter(intent for intent, _ in set(here) - taken)
    intent, text = sentence
    if to and (to == intent or to not in known_intents()):
        raise NotMoved({"intent": "intent"})
    if sentence not in here or sentence in taken:
        raise NotMoved({"sentence": "no_sentence"})
    if kept[intent] <= KEPT_MIN:
        raise NotMoved({"sentence": "few"})
    day = f"{datetime.now(UTC).astimezone(ROME):%Y-%m-%d}"
    row = MovedSentence(id=new_id(), text=text, intent=intent, moved_to=to or None, day=day)
    try:
        async with writing.begin_nested():
            writing.add(row)
    except IntegrityError as error:  # another editor at the same time
        raise NotMoved({"sentence": "no_sentence"}) from error
    return row.id


async def put_back(writing: AsyncSession, id_: str) -> bool:
    """Let a sentence be trained as the files have it."""
    gone = delete(MovedSentence).where(MovedSentence.id == id_).returning(MovedSentence.id)
    return bool((await writing.scalars(gone)).all())


def fate(here: Collection[Sentence]) -> Callable[[MovedSentence], Fate]:
    """Return a function from a change to what files make of it.

    "open", "taken" if they contain it, or "gone" if they have lost a sentence that was moved.
    """

    def of(change: MovedSentence) -> Fate:
        if (change.intent, change.text) in here:
            return "open"
        is_lost = change.moved_to and (change.moved_to, change.text) not in here
        return "gone" if is_lost else "taken"

    return of


def in_force(changes: Sequence[MovedSentence], here: Collection[Sentence]) -> list[MovedSentence]:
    """Return the changes that files neither contain nor have lost."""
    of = fate(here)
    return [each for each in changes if of(each) == "open"]


async def settle(writing: AsyncSession) -> Settled:
    """Mark the changes that the files contain or have lost: those of before may come back.

    A release that restores a sentence deletes its change. Return the sentences, in quotes.
    """
    of, now = fate(set(in_files())), time.time()
    met_at = await first_met(writing, "sentences", _content(), now)
    lost, restored = [], []
    for change in await _changes(writing):
        how, name = of(change), f"«{change.text}»"
        if how == "gone" and change.taken_at is None:
            lost.append(name)
        if how != "open":
            change.taken_at = change.taken_at or now
        elif change.taken_at is not None and met_at > change.taken_at:
            await writing.delete(change)
            restored.append(name)
    return Settled([], lost, restored)
