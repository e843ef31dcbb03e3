"""Collection of sentences worth a look, in the transaction of the turn that shows them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Conversation, KeptSentence
from intercup.domain.dialogue import FALLBACK, Draft
from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from intercup.domain.personal_data import without_personal_data
from intercup.domain.request import Citizen
from intercup.domain.sentences import (
    NEVER_KEPT,
    Exchange,
    Sentence,
    follow,
    left_by,
    said_as_json,
    said_from_json,
)
from intercup.services.chat.incoming import Incoming
from intercup.services.ids import new_id
from intercup.services.tuning.sentence_seal import SentenceSeal

_SENTENCES = cast(Table, KeptSentence.__table__)


@dataclass(frozen=True)
class Heard:
    """A turn as the gateway knows it."""

    message: Incoming
    before: Draft
    after: Draft
    signals: Mapping[str, Any]
    language: str | None
    citizen: Citizen | None


@dataclass(frozen=True)
class Noted:
    """The memory of a chat after a turn, and the sentences to keep."""

    said: dict[str, Any] | None
    sentences: list[Sentence]
    forgets: bool = False  # the chat's kept sentences go


class Collector:
    """Chooses the sentences; `days` is how long they are kept."""

    def __init__(self, seal: SentenceSeal, days: int) -> None:
        self._seal = seal
        self._days = timedelta(days=days)

    def note(self, said: dict[str, Any] | None, heard: Heard, directory: Directory) -> Noted:
        """Follow a chat by one turn."""
        if heard.signals.get("cancelled"):
            return Noted(None, [], forgets=True)
        turn = Exchange(
            heard.before,
            heard.after,
            payload=heard.message.payload,
            asked=bool(heard.signals.get("asked"))
            or (heard.after.step == "category" and bool(heard.after.rivals)),
            repeated=heard.message.repeats,
            ended=bool(heard.signals.get("ended")),
        )
        is_kept = heard.message.text is not None and heard.before.step not in NEVER_KEPT
        if is_kept and heard.signals.get("reading"):
            turn = replace(turn, sentence=self._sentence(heard, directory))
        after, sentences = follow(said_from_json(said), turn, directory)
        return Noted(said_as_json(after), sentences, forgets=after.stopped)

    def _sentence(self, heard: Heard, directory: Directory) -> Sentence:
        own = (heard.citizen.name, heard.citizen.surname) if heard.citizen else ()
        text = without_personal_data(heard.message.text or "", directory, own)
        reading = heard.signals["reading"]
        ranking = [tuple(each) for each in reading["ranking"] if each[0] != FALLBACK]
        (intent, confidence), (second, second_confidence) = (*ranking, ("", 0.0), ("", 0.0))[:2]
        today = datetime.fromtimestamp(time.time(), ROME).date()
        return Sentence(
            id=new_id(),
            sealed=self._seal.seal(text),
            day=today.isoformat(),
            until=(today + self._days).isoformat(),
            step=heard.before.step or "",
            intent=intent,
            confidence=confidence,
            second=second or None,
            second_confidence=second_confidence,
            language=heard.language,
            model=reading["model"],
        )


async def keep(writing: AsyncSession, conversation_id: str | None, noted: Noted) -> None:
    """Store a turn's sentences, or delete the chat's, in the turn's transaction."""
    if noted.forgets:
        await writing.execute(
            delete(KeptSentence).where(KeptSentence.conversation_id == conversation_id)
        )
    for sentence in noted.sentences:
        values = asdict(sentence) | {"reasons": list(sentence.reasons)}
        # Of SQLAlchemy's dialects only the database's own is loaded.
        dialect = import_module(f"sqlalchemy.dialects.{writing.get_bind().dialect.name}")
        insert = dialect.insert(_SENTENCES)
        await writing.execute(
            insert.values(
                **values, conversation_id=conversation_id, state="new"
            ).on_conflict_do_update(
                index_elements=["id"],
                set_={"reasons": insert.excluded.reasons, "label": insert.excluded.label},
            )
        )


async def cut_loose(session: AsyncSession, conversation_ids: Sequence[str]) -> None:
    """Part kept sentences from their chats, which are about to be deleted.

    The last sentence of a chat that its citizen left is kept then.
    """
    chats = select(Conversation.said).where(
        Conversation.id.in_(conversation_ids), Conversation.said.is_not(None)
    )
    for said in await session.scalars(chats):
        if left := left_by(said_from_json(said)):
            await keep(session, None, Noted(None, [left]))
    await session.execute(
        update(KeptSentence)
        .where(KeptSentence.conversation_id.in_(conversation_ids))
        .values(conversation_id=None)
    )
