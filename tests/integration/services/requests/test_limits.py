"""Limits on requests by person, session and IP address; nothing written is lost."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from actions.submit_request import ActionSubmitRequest
from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import Conversation, Delivery, Request
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.services import limits
from intercup.services.chat.action_service import ActionService
from intercup.services.limits import DAY, HOUR, Limit, request_limits, take
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from tests.support.made_requests import AGATA, MAILS, ROSARIO, SECRET_KEY, TEXT, count, store_draft
from tests.support.running_action import run
from tests.support.web_service import FIELDS, Browser, Service, running_service

HERE = {"person": "p", "session": "s", "ip": "i"}


@pytest.fixture
async def limited(
    database: Database, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Service]:
    """A service that allows two requests an hour, and three from one IP address."""
    monkeypatch.setattr(limits, "DEMO_TIMES", 1)
    few: dict[str, Any] = {"requests_per_hour": 2, "requests_per_hour_ip": 3}
    async with running_service(database, directory, tmp_path, **few) as one:
        yield one


async def post(browser: Browser, **changed: str) -> tuple[int, str, str | None]:
    fields = FIELDS | {"submission_key": str(uuid4())} | changed
    async with browser.send_form(fields) as response:
        return response.status, await response.text(), response.headers.get("Retry-After")


@pytest.mark.both_databases
async def test_a_request_too_many_is_refused_with_the_time_to_wait_and_the_text_kept(
    limited: Service,
) -> None:
    async with limited.browser(AGATA) as browser:
        assert [(await post(browser))[0] for _ in range(2)] == [200, 200]
        status, page, wait = await post(browser, description="Un testo da non perdere.")
        assert (status, 3500 < int(wait or 0) <= 3600) == (429, True)
        assert "Un testo da non perdere." in page
        assert "NON è stata inviata" in page
    assert await count(limited.database, Request) == 2
    assert await count(limited.database, Delivery) == 4


async def test_the_same_request_again_is_answered_over_the_limit_too(limited: Service) -> None:
    async with limited.browser(AGATA) as browser:
        for _ in range(3):
            status, page, _ = await post(browser, submission_key="same")
            assert (status, "IC-" in page) == (200, True)
    assert await count(limited.database, Request) == 1


async def test_another_browser_does_not_give_a_person_more(limited: Service) -> None:
    statuses = []
    for _ in range(3):
        async with limited.browser(AGATA) as browser:
            statuses.append((await post(browser))[0])
    assert statuses == [200, 200, 429]


@pytest.mark.both_databases
async def test_an_ip_address_is_limited_over_all_its_persons(limited: Service) -> None:
    statuses = []
    for number in range(4):
        person = Citizen(f"person-{number}", "Nome", "Cognome", f"p{number}@example.it")
        async with limited.browser(person) as browser:
            statuses.append((await post(browser))[0])
    assert statuses == [200, 200, 200, 429]


@pytest.mark.both_databases
async def test_the_chat_goes_back_to_the_summary(service: Service, directory: Directory) -> None:
    one = {kind: (Limit(1, HOUR),) for kind in HERE}
    assistant = ActionService(service.database, Structures(directory), MAILS, one, SECRET_KEY)
    for person, expected in ((AGATA, "utter_registered"), (AGATA, "utter_not_registered_limited")):
        answer = await _send_by_chat(service, assistant, person)
        assert answer["responses"][0]["response"] == expected
    assert {"event": "active_loop", "name": "request_form"}.items() <= answer["events"][-1].items()
    # Rosario is another person in another session, at the same address.
    answer = await _send_by_chat(service, assistant, ROSARIO)
    assert answer["responses"][0]["response"] == "utter_not_registered_limited"
    assert await count(service.database, Request) == 1


async def _send_by_chat(service: Service, assistant: ActionService, person: Citizen) -> Any:
    message = str(uuid4())
    async with service.browser(person) as browser:
        chat = (await browser.open_chat("portal"))["conversation"]
        await browser.say(TEXT, message)
    async with service.database.write() as writing:
        row = await writing.get_one(Conversation, chat)
        row.ip_key = "the-same"
    async with service.database.read() as reading:
        sender = await reading.scalar(select(Conversation.sender_id).where(Conversation.id == chat))
    await store_draft(service.database, sender or "", description=message)
    return await run(ActionSubmitRequest(assistant), sender or "")


@pytest.mark.both_databases
async def test_the_chat_notes_where_its_messages_come_from(chatting: Browser) -> None:
    await chatting.say("ciao")
    async with chatting.database.read() as reading:
        keys = (await reading.scalars(select(Conversation.ip_key))).all()
    assert [key and len(key) for key in keys] == [64]
    assert "127.0.0.1" not in str(keys)


async def test_there_is_room_when_the_oldest_is_old_enough(database: Database) -> None:
    allowed = {kind: (Limit(2, HOUR), Limit(3, DAY)) for kind in HERE}
    now, waits = time.time(), []
    for minutes in (0, 10, 20, 61, 71, 24 * 60 + 1):
        async with database.write() as writing:
            waits.append(await take(writing, "x", allowed, HERE, now + minutes * 60))
    assert waits[:2] == [0, 0]
    assert waits[2] == pytest.approx(40 * 60)
    assert waits[3] == 0
    assert waits[4] == pytest.approx(DAY - 71 * 60)
    assert waits[5] == 0


@pytest.mark.parametrize(("profile", "times"), [("demo", 100), ("production", 1)])
def test_the_demo_allows_a_hundred_times_as_many(profile: Any, times: int) -> None:
    allowed = request_limits(Settings(profile=profile))
    assert allowed["person"] == (Limit(10 * times, HOUR), Limit(30 * times, DAY))
    assert allowed["ip"] == cast(Any, (Limit(100 * times, HOUR), Limit(300 * times, DAY)))
