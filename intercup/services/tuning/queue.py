"""The queue of kept sentences: grouped by likeness, the most useful first.

Only sentences whose chats are gone are in it. A group's key comes from the random id of its first
sentence, so that it tells nothing of the words.
"""

import math
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from intercup.db.engine import Database
from intercup.db.tables import Forward, KeptSentence, Request
from intercup.services.chat.explained import Explained
from intercup.services.ids import hash_of
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.texts import TEXTS

LIKE_MIN = 0.75  # cosine of two sentences of a group
AT_ONCE = 20  # sentences that one look at the page prepares
KEY_LENGTH = 12
MARK_LENGTH = 6  # of the sign after the key, at a terminal
MODEL_ID = 8  # bytes before a stored vector; other models' vectors aren't comparable
LIFE_SHARE = 5  # one group in so many goes to the test set "from life"
USEFULNESS = {"corrected": 4, "calm": 4, "asked": 3, "low": 2, "repeated": 2, "left": 1}
WAITING = (KeptSentence.conversation_id.is_(None), KeptSentence.state == "new")
_UNREAD = (*WAITING, KeptSentence.likeness.is_(None))

type Leaders = dict[str, list[float]]  # a unit vector by a group's key
type Explain = Callable[[str], Awaitable[Explained | None]]


@dataclass(frozen=True)
class Group:
    """Sentences that say much the same, the oldest first."""

    key: str
    rows: Sequence[KeptSentence]
    seal: SentenceSeal

    @cached_property
    def texts(self) -> list[str]:
        """The sentences, opened when they are asked for."""
        return [self.seal.open(row.sealed) for row in self.rows]

    @property
    def shown(self) -> frozenset[str]:
        """The ids of its sentences, for a decision on just these."""
        return frozenset(row.id for row in self.rows)

    @property
    def mark(self) -> str:
        """The key, with a sign that changes as soon as a sentence joins or leaves."""
        return f"{self.key}-{hash_of(' '.join(sorted(self.shown)))[:MARK_LENGTH]}"

    @property
    def is_life(self) -> bool:
        """Return True if it belongs to the test set "from life", never to training."""
        return is_life(self.key)

    @cached_property
    def usefulness(self) -> int:
        """The worth of a correction: the sum of its sentences' surest reasons."""
        return sum(max(USEFULNESS[reason] for reason in row.reasons) for row in self.rows)

    def suggestion(self, now: Explained | None) -> str:
        """Return the intent that citizens chose most often, or else the model's reading now."""
        chosen = [row.label for row in self.rows if row.label in known_intents()]
        read = [name for name, _ in now.ranking if name in known_intents()][:1] if now else []
        found = chosen or read or [row.intent for row in self.rows]
        return Counter(found).most_common(1)[0][0]


def is_life(key: str) -> bool:
    """Return True for one key in five."""
    return int(key, 16) % LIFE_SHARE == 0


def known_intents() -> dict[str, str]:
    """Return the titles of all intents that a sentence may get, in their order."""
    titles = TEXTS.section("intent_title")
    return dict(sorted(titles.items(), key=lambda each: each[1].casefold()))


async def prepare(database: Database, seal: SentenceSeal, explain: Explain) -> int:
    """Give new sentences their vectors and groups; return how many still wait for Rasa."""
    async with database.read() as reading:
        new = (
            await reading.scalars(
                select(KeptSentence)
                .where(*_UNREAD)
                .order_by(KeptSentence.day, KeptSentence.id)
                .limit(AT_ONCE)
            )
        ).all()
        leaders = await _leaders(reading, seal) if new else {}
    read: dict[str, Explained] = {}
    for row in new:
        explained = await explain(seal.open(row.sealed))
        if explained is None:
            break
        read[row.id] = explained
    if grouped := [_grouped(seal, leaders, *each) for each in read.items()]:
        async with database.write() as writing:
            for change in grouped:
                await writing.execute(change)
    async with database.read() as reading:
        return await reading.scalar(select(func.count()).where(*_UNREAD)) or 0


def _grouped(
    seal: SentenceSeal, leaders: dict[bytes, Leaders], id_: str, explained: Explained
) -> Update:
    """Return the change that gives a sentence its vector and group; lead a new group with it."""
    vector = _unit(explained.vector)
    model = explained.model.encode()[:MODEL_ID].ljust(MODEL_ID)
    of_model = leaders.setdefault(model, {})
    key = _nearest(vector, of_model) or hash_of(id_)[:KEY_LENGTH]
    packed = model + struct.pack(f"<{len(vector)}e", *vector)
    of_model.setdefault(key, vector)
    return (
        update(KeptSentence)
        .where(KeptSentence.id == id_, KeptSentence.likeness.is_(None))
        .values(vector=seal.seal_bytes(packed), likeness=key)
    )


async def _leaders(reading: AsyncSession, seal: SentenceSeal) -> dict[bytes, Leaders]:
    """Return a vector of each group, by the id of the model that it is comparable with."""
    rows = await reading.execute(
        select(KeptSentence.likeness, KeptSentence.vector)
        .where(KeptSentence.vector.is_not(None))
        .order_by(KeptSentence.day.desc(), KeptSentence.id)
    )
    sealed = {key: vector for key, vector in rows if key and vector}
    leaders: dict[bytes, Leaders] = {}
    for key, vector in sealed.items():
        packed = seal.open_bytes(vector)
        leaders.setdefault(packed[:MODEL_ID], {})[key] = _unpacked(packed[MODEL_ID:])
    return leaders


def _unpacked(packed: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(packed) // 2}e", packed))


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.hypot(*vector) or 1.0
    return [value / length for value in vector]


def _nearest(vector: list[float], leaders: Leaders) -> str | None:
    best, key = max(
        ((math.sumprod(vector, leader), key) for key, leader in leaders.items()),
        default=(0.0, None),
    )
    return key if best >= LIKE_MIN else None


async def groups(reading: AsyncSession, seal: SentenceSeal) -> list[Group]:
    """Return the groups, the most useful first."""
    rows = await reading.scalars(
        select(KeptSentence)
        .where(*WAITING, KeptSentence.likeness.is_not(None))
        .options(defer(KeptSentence.vector))
        .order_by(KeptSentence.day, KeptSentence.id)
    )
    by_key: dict[str, list[KeptSentence]] = {}
    for row in rows:
        by_key.setdefault(row.likeness or "", []).append(row)
    found = [Group(key, members, seal) for key, members in by_key.items()]
    return sorted(found, key=lambda group: (-group.usefulness, group.key))


async def forwarded(reading: AsyncSession) -> list[tuple[str, str, str]]:
    """Return category, first office and next office of each request forwarded elsewhere."""
    rows = await reading.execute(
        select(Request.category, Forward.from_office, Forward.to_office)
        .join(Request, Request.number == Forward.request_number)
        .order_by(Request.category, Forward.from_office, Forward.to_office)
    )
    return [(category, before, after) for category, before, after in rows]
