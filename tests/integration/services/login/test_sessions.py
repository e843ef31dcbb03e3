"""Browser sessions: how long they last, and whose chat they show."""

import pytest
from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession, ChatMessage, Conversation
from intercup.services.chat.conversations import (
    Message,
    append,
    current_conversation,
    find_conversation,
    forget,
)
from intercup.services.ids import person_key
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from intercup.services.login.sessions import Session, find_session, log_in, log_out, start_session
from tests.support.made_requests import AGATA, ROSARIO, count

WELCOME = [Message("Buongiorno.")]
NOW = 1_750_000_000.0


async def opened(database: Database, cookie: str, now: float = NOW) -> tuple[Session, Conversation]:
    """The session of a cookie with its chat, made if there is none."""
    session = await find_session(database, cookie, now)
    assert session is not None
    chat = await current_conversation(database, session, "home", None, WELCOME)
    again = await find_session(database, cookie, now)
    assert again is not None
    return again, chat


async def test_a_new_session_is_anonymous_and_found_by_its_cookie(database: Database) -> None:
    cookie, session = await start_session(database, NOW)
    assert session.citizen is None
    assert await find_session(database, cookie, NOW) == session


@pytest.mark.parametrize("cookie", [None, "", "unknown", "è\ud800", "x" * 5_000, "\x00"])
async def test_another_cookie_finds_nothing(database: Database, cookie: str | None) -> None:
    assert await find_session(database, cookie, NOW) is None


@pytest.mark.both_databases
async def test_the_database_does_not_hold_the_cookie(database: Database) -> None:
    cookie, _ = await start_session(database, NOW)
    async with database.read() as session:
        stored = await session.scalar(select(BrowserSession.id_hash))
    assert cookie not in (stored or "")
    assert len(cookie) >= 43


@pytest.mark.both_databases
async def test_a_login_ends_after_half_an_hour_without_use(database: Database) -> None:
    cookie = await log_in(database, None, AGATA, NOW)
    assert await find_session(database, cookie, NOW + IDLE_LIMIT) is not None
    idle = await log_in(database, None, AGATA, NOW)
    assert await find_session(database, idle, NOW + IDLE_LIMIT + 1) is None


async def test_a_login_in_use_goes_on_until_eight_hours(database: Database) -> None:
    cookie = await log_in(database, None, AGATA, NOW)
    for minutes in range(0, 8 * 60, 20):
        assert await find_session(database, cookie, NOW + minutes * 60) is not None
    assert await find_session(database, cookie, NOW + ABSOLUTE_LIMIT) is not None
    assert await find_session(database, cookie, NOW + ABSOLUTE_LIMIT + 1) is None


async def test_an_anonymous_session_ends_after_eight_hours_only(database: Database) -> None:
    cookie, _ = await start_session(database, NOW)
    assert await find_session(database, cookie, NOW + ABSOLUTE_LIMIT) is not None
    assert await find_session(database, cookie, NOW + ABSOLUTE_LIMIT + 1) is None


@pytest.mark.both_databases
async def test_a_login_changes_the_cookie_and_keeps_the_chat(database: Database) -> None:
    anonymous, _ = await start_session(database, NOW)
    session, chat = await opened(database, anonymous)
    cookie = await log_in(database, session.id_hash, AGATA, NOW)
    assert cookie != anonymous
    assert await find_session(database, anonymous, NOW) is None
    known, same = await opened(database, cookie)
    assert (known.citizen, same.id) == (AGATA, chat.id)
    assert same.resumes
    async with database.read() as reading:
        row = await reading.get_one(Conversation, chat.id)
    assert row.person_key == AGATA.person_key
    assert same.sender_id != chat.sender_id


@pytest.mark.both_databases
async def test_the_same_person_who_logs_in_again_keeps_the_chat(database: Database) -> None:
    first, chat = await opened(database, await log_in(database, None, AGATA, NOW))
    _, same = await opened(database, await log_in(database, first.id_hash, AGATA, NOW))
    assert same.id == chat.id


async def test_a_chat_goes_on_after_the_session_has_expired(database: Database) -> None:
    first, chat = await opened(database, await log_in(database, None, AGATA, NOW))
    later = NOW + IDLE_LIMIT + 1
    cookie = await log_in(database, first.id_hash, AGATA, later)
    known = await find_session(database, cookie, later)
    assert known is not None
    assert known.conversation_id == chat.id


async def test_another_person_on_the_same_browser_gets_a_new_chat(database: Database) -> None:
    first, chat = await opened(database, await log_in(database, None, AGATA, NOW))
    second, other = await opened(database, await log_in(database, first.id_hash, ROSARIO, NOW))
    assert other.id != chat.id
    assert second.citizen == ROSARIO


@pytest.mark.both_databases
async def test_a_logout_ends_the_session_and_the_chat(database: Database) -> None:
    cookie = await log_in(database, None, AGATA, NOW)
    session, chat = await opened(database, cookie)
    await log_out(database, session, NOW)
    assert await find_session(database, cookie, NOW) is None
    async with database.read() as reading:
        assert await find_conversation(reading, session) is None
        assert (await reading.get_one(Conversation, chat.id)).ended_at == NOW


async def test_a_forgotten_chat_is_deleted_with_its_messages(database: Database) -> None:
    cookie, _ = await start_session(database, NOW)
    session, chat = await opened(database, cookie)
    async with database.write() as writing:
        await append(writing, chat.id, [Message("ciao", author="citizen"), Message("buongiorno")])
    await forget(database, session)
    assert await count(database, ChatMessage) == await count(database, Conversation) == 0
    assert await find_session(database, cookie, NOW) == Session(session.id_hash, None, None)


@pytest.mark.both_databases
async def test_a_change_of_page_does_not_undo_a_turn(database: Database) -> None:
    """Another tab opens while a turn is being written."""

    class Interleaved(Database):
        async def finish_a_turn(self) -> None:
            async with super().write() as writing:
                row = await writing.get_one(Conversation, chat.id)
                row.draft = {"key": "k", "category": "technical"}

        def write(self):  # type: ignore[no-untyped-def]
            return self._after_the_turn(super().write)

        def _after_the_turn(self, write):  # type: ignore[no-untyped-def]
            from contextlib import asynccontextmanager

            @asynccontextmanager
            async def written():  # type: ignore[no-untyped-def]
                await self.finish_a_turn()
                async with write() as session:
                    yield session

            return written()

    cookie, _ = await start_session(database, NOW)
    session, chat = await opened(database, cookie)
    other_tab = Interleaved(database._engine.url.render_as_string(hide_password=False))
    await current_conversation(other_tab, session, "booking", "asp_ragusa", WELCOME)
    await other_tab.close()
    async with database.read() as reading:
        found = await find_conversation(reading, session)
    assert found is not None
    assert (found.page, found.draft.get("category")) == ("booking", "technical")


@pytest.mark.both_databases
def test_a_person_key_is_stable_and_tells_nothing() -> None:
    key = person_key(b"secret", "LPRGTA80A41G273X")
    assert key == person_key(b"secret", "LPRGTA80A41G273X")
    assert key != person_key(b"other", "LPRGTA80A41G273X")
    assert "LPRGTA" not in key


@pytest.mark.both_databases
async def test_a_session_seen_with_a_clock_set_back_is_still_valid(database: Database) -> None:
    cookie = await log_in(database, None, AGATA, NOW)
    assert await find_session(database, cookie, NOW - 3600) is not None
