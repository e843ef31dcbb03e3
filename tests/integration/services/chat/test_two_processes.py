"""Two web processes on one database: a conversation has one turn at a time, each answered once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import StreamReader
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import ChatMessage, Conversation, Request
from intercup.domain.directory import Directory
from intercup.services.chat import turns
from intercup.services.chat.conversations import Message, add_event, append, history
from intercup.services.chat.lease import LeaseLost
from intercup.web import chat as chat_routes
from tests.support.databases import execute
from tests.support.made_requests import AGATA, count, make_conversation, submission, submit
from tests.support.web_service import (
    FIELDS,
    Browser,
    Service,
    StandInRasa,
    running_service,
)

both_databases = pytest.mark.both_databases
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
FORM_MAX = 10.0  # seconds on a busy machine; one that waits for all these turns takes a minute


@pytest.fixture
async def services(
    database: Database, database_url: str, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[list[Service]]:
    """Two processes' services, each with its own connections."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running_service(each, directory, tmp_path, rasa.url))
            for each in (database, Database(database_url))
        ]


@pytest.fixture
async def tabs(services: list[Service]) -> AsyncIterator[list[Browser]]:
    """One citizen's browser, with a tab at each process."""
    one, other = services
    async with one.browser(AGATA) as browser:
        await browser.open_chat("portal")
        yield [browser, Browser(browser.session, other.base_url, other.database)]


async def until_asked(rasa: StandInRasa, times: int = 1) -> None:
    for _ in range(1_000):
        if len(rasa.got) >= times:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"Rasa was asked {len(rasa.got)} times")


async def set_lease(database: Database, until: float) -> None:
    async with database.write() as writing:
        await writing.execute(update(Conversation).values(leased_until=until))


async def texts_in(browser: Browser) -> list[str]:
    return [message["text"] for message in (await browser.open_chat("portal"))["messages"]]


@both_databases
async def test_one_id_at_two_processes_at_once_gets_one_answer(
    tabs: list[Browser], rasa: StandInRasa
) -> None:
    for _ in range(8):
        id_ = str(uuid4())
        rasa.got.clear()
        first, second = await asyncio.gather(*(tab.say("ciao", id_) for tab in tabs))
        assert first == second
        assert (first[0], len(rasa.got)) == (200, 1)


@both_databases
async def test_two_sentences_at_two_processes_at_once_are_both_kept(
    tabs: list[Browser], rasa: StandInRasa
) -> None:
    rasa.seconds = 0.1
    for number in range(3):
        said = [f"{word} {number}" for word in ("prima", "seconda")]
        answers = await asyncio.gather(
            *(tab.say(text) for tab, text in zip(tabs, said, strict=True))
        )
        assert [status for status, _ in answers] == [200, 200]
        assert set(said) <= set(await texts_in(tabs[0]))
    assert rasa.most_at_work == 1
    assert len({got["sender"] for got in rasa.got}) > 1, "another process restarts Rasa"


@both_databases
async def test_a_process_that_overruns_its_lease_stores_nothing(
    tabs: list[Browser], rasa: StandInRasa
) -> None:
    id_, rasa.seconds = str(uuid4()), 1.0
    late = asyncio.create_task(tabs[0].say("ciao", id_))
    await until_asked(rasa)
    await set_lease(tabs[0].database, 0.0)
    rasa.seconds, rasa.replies = 0.0, [{"text": "Dalla seconda."}]
    taken = await tabs[1].say("ciao", id_)
    rasa.replies = [{"text": "Troppo tardi."}]
    assert await late == taken
    texts = await texts_in(tabs[0])
    assert (texts.count("ciao"), texts.count("Dalla seconda.")) == (1, 1)
    assert "Troppo tardi." not in texts


async def test_the_lease_of_a_dead_process_ends(tabs: list[Browser], rasa: StandInRasa) -> None:
    await set_lease(tabs[0].database, time.time() + 1.0)
    began = time.monotonic()
    status, answer = await tabs[1].say("ciao")
    assert (status, answer.get("retry")) == (200, None)
    assert 0.8 < time.monotonic() - began < 4.0
    await set_lease(tabs[0].database, time.time() + 86_400)  # a clock was wrong
    assert (await tabs[1].say("ciao"))[0] == 200


async def test_a_login_during_a_turn_wins(tabs: list[Browser], rasa: StandInRasa) -> None:
    id_, rasa.seconds = str(uuid4()), 0.5
    turn = asyncio.create_task(tabs[0].say("ciao", id_))
    await until_asked(rasa)
    await tabs[0].log_in_again(AGATA)
    assert (await turn)[0] == 401
    assert "ciao" not in await texts_in(tabs[0])
    assert (await tabs[1].say("ciao", id_))[0] == 200


@both_databases
async def test_a_browser_that_opens_two_tabs_has_one_conversation(services: list[Service]) -> None:
    one, other = services
    async with one.browser(AGATA) as browser:
        second = Browser(browser.session, other.base_url, other.database)
        opened = await asyncio.gather(*(tab.open_chat("portal") for tab in (browser, second)))
        assert opened[0]["conversation"] == opened[1]["conversation"]
        async with one.database.read() as reading:
            assert len((await reading.scalars(select(ChatMessage.id))).all()) == 1
        assert await count(one.database, Conversation) == 1


@pytest.fixture
async def no_polls(tabs: list[Browser], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Streams that ask the database once an hour."""
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 3600.0)
    yield
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.01)
    await tabs[0].say("fine")  # wakes the streams, which notice that nobody reads them


@asynccontextmanager
async def stream_of(tab: Browser) -> AsyncIterator[StreamReader]:
    """Open a tab's event stream and read what it had already."""
    async with tab.get("/chat/events") as events, asyncio.timeout(10):
        await events.content.readuntil(b"here\n\n")
        yield events.content


@on_postgres
@pytest.mark.usefixtures("no_polls")
async def test_a_message_reaches_the_streams_of_every_process(tabs: list[Browser]) -> None:
    async with stream_of(tabs[0]) as here, stream_of(tabs[1]) as there:
        await tabs[0].say("alle altre schede")
        for stream in (here, there):
            await stream.readuntil(b"alle altre schede")


@on_postgres
@pytest.mark.usefixtures("no_polls")
async def test_a_message_sent_while_nobody_listened_reaches_the_streams_later(
    tabs: list[Browser], postgres: str, database_url: str
) -> None:
    name = database_url.rpartition("/")[2]
    async with stream_of(tabs[1]) as there:
        await execute(
            postgres,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608
            f" WHERE datname = '{name}'",
        )
        for _ in range(20):
            if (await tabs[0].say("dopo la caduta"))[0] == 200:
                break
        await there.readuntil(b"dopo la caduta")


@both_databases
async def test_an_event_that_waits_for_a_turn_comes_after_it(
    database: Database, database_url: str
) -> None:
    await make_conversation(database, id="chat")
    event = {"kind": "delivery", "role": "office", "state": "sent", "number": "IC"}
    worker = Database(database_url)

    async def tell() -> None:
        async with worker.write() as writing:
            await add_event(writing, "chat", event, "ASP")

    async with database.write() as writing:
        await writing.execute(update(Conversation).values(leased_until=None))
        await append(writing, "chat", [Message("ciao")])
        telling = asyncio.create_task(tell())
        await asyncio.sleep(0.3)
    await telling
    assert [message.seq for message in await history(database, "chat")] == [0, 1]
    await worker.close()


@both_databases
async def test_a_request_of_a_sender_that_has_moved_is_not_stored(
    database: Database, directory: Directory
) -> None:
    await make_conversation(database, id="chat", sender_id="new")
    with pytest.raises(LeaseLost):
        await submit(database, directory, submission(sender_id="old"))
    assert await count(database, Request) == 0
    await submit(database, directory, submission(sender_id="new"))


@on_postgres
async def test_two_hundred_turns_on_a_rasa_that_hangs_leave_the_form_usable(
    services: list[Service], rasa: StandInRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SLOW", 60.0)  # seconds, so that the second half is taken too
    one, other = services
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(one.browser()) for _ in range(200)]
        await asyncio.gather(*(browser.open_chat() for browser in browsers))
        rasa.seconds = 60.0
        said = [asyncio.create_task(browser.say("ciao")) for browser in browsers]
        await until_asked(rasa, turns.AT_ONCE)
        for service in (one, other):
            agata = await stack.enter_async_context(service.browser(AGATA))
            began = time.monotonic()
            async with agata.send_form(FIELDS | {"submission_key": service.base_url}) as answer:
                assert "/richieste/IC-" in str(answer.url)
            assert time.monotonic() - began < FORM_MAX
        for each in said:
            each.cancel()
        await asyncio.gather(*said, return_exceptions=True)
    assert await count(one.database, Request) == 2
