"""Statements of every request and poll, past SQLAlchemy (docs/adr/0024 and 0034)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.chat.action_service import ActionService
from intercup.services.delivery.deliver import deliver_due
from intercup.services.requests.lookup import requests_where
from intercup.services.structures.structures import Structures
from tests.support.made_requests import (
    MAILS,
    NO_LIMITS,
    SECRET_KEY,
    make_conversation,
    submission,
    submit,
)

pytestmark = pytest.mark.both_databases


@contextmanager
def _statements_of_sqlalchemy(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    engines = {engine.sync_engine for engine in (database._engine, database._reading)}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_request_is_registered(database: Database, directory: Directory) -> None:
    chat = await make_conversation(database, sender_id="sender")
    service = ActionService(database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    with _statements_of_sqlalchemy(database) as said:
        known = await service.conversation_of("sender")
        wanted = submission(conversation_id=chat, sender_id="sender", came_from={"ip": "key"})
        await submit(database, directory, wanted)
    assert known.draft
    assert said == []


async def test_the_worker_finds_nothing_to_do(database: Database) -> None:
    relay = SmtpAddress.parse("smtp://127.0.0.1:1")
    with _statements_of_sqlalchemy(database) as said:
        assert await deliver_due(database, relay, "worker", time.time) == 0
    assert said == []


async def test_a_receipt_reads_two_tables(database: Database, directory: Directory) -> None:
    chat = await make_conversation(database)
    for _ in range(3):
        await submit(database, directory, submission(conversation_id=chat))
    with _statements_of_sqlalchemy(database) as said:
        (newest,) = await requests_where(database, Request.conversation_id == chat, 1)
    assert newest.request.number
    assert len(said) == 2
