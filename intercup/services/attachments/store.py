"""Files wait, sealed, with a form until it is sent; then they are the request's."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Table, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.tables import Attachment, AttachmentContent, BrowserSession
from intercup.domain.attachment import FILES_MAX, CleanFile, FileKind, FileRefused, StoredFile
from intercup.errors import NotAuthenticated
from intercup.services.ids import hash_of
from intercup.services.tuning.sentence_seal import SentenceSeal

WAITING_MAX = 3 * FILES_MAX  # of a session: the chat's and two forms'; abandoned forms' go

_ROWS = cast(Table, Attachment.__table__)
_OF_DRAFT = _ROWS.c.draft == bindparam("of_draft")
_IDS = Prepared(select(_ROWS.c.id).where(_OF_DRAFT).order_by(_ROWS.c.id))
_HAND_OVER = Prepared(
    update(_ROWS)
    .where(_OF_DRAFT, _ROWS.c.request_number.is_(None))
    .values(request_number=bindparam("number"), session_hash=bindparam("no_session"))
    .returning(_ROWS.c.id)
)
_IS_KEPT = exists().where(AttachmentContent.attachment_id == Attachment.id)


@dataclass(frozen=True)
class FileDraft:
    """A form or chat not sent yet, by its person and key; its files end with the session."""

    session_hash: str
    person_key: str
    key: str

    @property
    def hash(self) -> str:
        """Return what stands for it in its files' rows, also once it is sent."""
        return hash_of(f"{self.person_key}\0{self.key}")

    @property
    def mark(self) -> str:
        """Return what names it in the chat."""
        return self.hash[:16]


def file_seal(secret_key: bytes) -> SentenceSeal:
    """Return the seal of all files."""
    return SentenceSeal(secret_key, b"intercup attachments")


async def keep_file(
    database: Database, seal: SentenceSeal, draft: FileDraft, file: CleanFile, now: float
) -> None:
    """Store a file with its draft; the same content again changes nothing.

    Raises:
        FileRefused: the draft has as many as it may.
        NotAuthenticated: its session has ended.
        Unavailable: nothing was stored.
    """
    sealed = await asyncio.to_thread(seal.seal_bytes, file.content)
    id_ = hash_of(f"{draft.hash}\0{hashlib.sha256(file.content).hexdigest()}")
    async with database.write() as session:
        await _lock(session, draft.session_hash)
        of_draft = await session.execute(
            select(Attachment.id, Attachment.request_number).where(Attachment.draft == draft.hash)
        )
        sent = {row.id: row.request_number for row in of_draft}
        if id_ in sent:
            return
        if list(sent.values()).count(None) >= FILES_MAX:
            raise FileRefused("many")
        session.add(
            Attachment(
                id=id_,
                draft=draft.hash,
                session_hash=draft.session_hash,
                name=file.name,
                kind=file.kind,
                size=len(file.content),
                created_at=now,
            )
        )
        await session.flush()
        session.add(AttachmentContent(attachment_id=id_, sealed=sealed))
        await session.flush()
        await _drop_abandoned(session, draft)


async def _lock(writing: AsyncSession, session_hash: str) -> None:
    """Let one file at a time be counted."""
    if await writing.get(BrowserSession, session_hash, with_for_update=True) is None:
        raise NotAuthenticated("not_authenticated")


async def _drop_abandoned(writing: AsyncSession, draft: FileDraft) -> None:
    of_session = Attachment.session_hash == draft.session_hash
    kept = (
        select(Attachment.id)
        .where(of_session)
        .order_by((Attachment.draft == draft.hash).desc(), Attachment.created_at.desc())
        .limit(WAITING_MAX)
    )
    await writing.execute(delete(Attachment).where(of_session, Attachment.id.not_in(kept)))


def _waiting(draft: FileDraft) -> tuple[ColumnElement[bool], ...]:
    return Attachment.draft == draft.hash, Attachment.request_number.is_(None)


async def waiting_files(reading: AsyncSession, draft: FileDraft) -> list[StoredFile]:
    """List a draft's files that aren't sent yet, in their order."""
    return [file for _, file in await _rows(reading, *_waiting(draft))]


async def drop_file(database: Database, draft: FileDraft, id_: str) -> None:
    """Delete a file of a draft."""
    async with database.write() as session:
        await session.execute(delete(Attachment).where(*_waiting(draft), Attachment.id == id_))


async def drop_files(writing: AsyncSession, draft: FileDraft) -> None:
    """Delete a dropped draft's files, in its transaction."""
    await writing.execute(delete(Attachment).where(*_waiting(draft)))


async def hand_over(writing: AsyncSession, draft: FileDraft, number: str) -> list[StoredFile]:
    """Make a draft's files the request's, in its transaction, and return them."""
    now_its_own = {"of_draft": draft.hash, "number": number, "no_session": None}
    if not await _HAND_OVER.rows(writing, now_its_own):
        return []
    return (await files_of(writing, [number])).get(number, [])


async def ids_of(reading: AsyncSession, draft: FileDraft) -> Sequence[str]:
    """Return the ids of a draft's files, sent or not: a repeated submission has the same."""
    return [id_ for (id_,) in await _IDS.rows(reading, {"of_draft": draft.hash})]


async def files_of(reading: AsyncSession, numbers: Collection[str]) -> dict[str, list[StoredFile]]:
    """Return the files of requests, by number, in their order."""
    files: dict[str, list[StoredFile]] = defaultdict(list)
    for number, file in await _rows(reading, Attachment.request_number.in_(numbers)):
        files[number or ""].append(file)
    return files


async def _rows(
    reading: AsyncSession, *conditions: ColumnElement[bool]
) -> list[tuple[str | None, StoredFile]]:
    rows = await reading.execute(
        select(
            Attachment.request_number,
            Attachment.id,
            Attachment.name,
            Attachment.kind,
            Attachment.size,
            _IS_KEPT,
        )
        .where(*conditions)
        .order_by(Attachment.created_at, Attachment.id)
    )
    return [
        (number, StoredFile(id_, name, FileKind(kind), size, is_kept))
        for number, id_, name, kind, size, is_kept in rows
    ]


async def contents_of(
    database: Database, seal: SentenceSeal, files: Sequence[StoredFile]
) -> list[bytes | None]:
    """Return the opened contents of files, in their order; None for one not kept any more.

    Raises:
        InvalidToken: a content was altered, or sealed with another key.
    """
    async with database.read() as session:
        found = await session.execute(
            select(AttachmentContent.attachment_id, AttachmentContent.sealed).where(
                AttachmentContent.attachment_id.in_([file.id for file in files])
            )
        )
        sealed = {row.attachment_id: row.sealed for row in found}
    return [
        await asyncio.to_thread(seal.open_bytes, sealed[file.id]) if file.id in sealed else None
        for file in files
    ]
