"""Notices: set at the desk or by command, seen in every process, over at their end."""

import asyncio
import time
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from intercup.commands import main
from intercup.db.engine import Database
from intercup.db.tables import NoticeRow
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.notices.notices import Kind, Notices, add, end, not_over
from intercup.texts import TEXTS
from tests.support.desk import at_desk, logged
from tests.support.made_requests import AGATA
from tests.support.web_service import Browser, Service, StandInRasa, running_service

SAID = "Il CUP di <Trapani> è fermo fino alle 14."
ESCAPED = "Il CUP di &lt;Trapani&gt; è fermo"


async def publish(service: Service, where: str, **more: str) -> int:
    """Publish at the desk; return the status."""
    async with at_desk(service, Role.DIALOGUE) as browser:
        fields = {"where": where, "text": SAID, "starts": "", "ends": ""} | more
        async with browser.post("/presidio/avvisi", data=fields) as response:
            return int(response.status)


async def text_of(browser: Browser, path: str) -> str:
    async with browser.get(path) as response:
        return str(await response.text())


@pytest.fixture
async def citizen(chat_service: Service) -> AsyncIterator[Browser]:
    async with chat_service.browser(AGATA) as browser:
        yield browser


async def test_a_notice_is_on_the_pages_and_in_the_welcome_until_it_is_ended(
    chat_service: Service, citizen: Browser, database: Database
) -> None:
    assert await publish(chat_service, "pages") == 303
    for path in ("/portale", "/prenota", "/assistenza"):
        assert ESCAPED in await text_of(citizen, path)
    chat = await citizen.open_chat("portal")
    assert chat["messages"][0]["text"] == SAID
    assert chat["messages"][-1]["buttons"]
    async with at_desk(chat_service, Role.DIALOGUE) as browser:
        page = await text_of(browser, "/presidio/avvisi")
        assert ESCAPED in page
        for outcome in ("notice_ended", "notice_gone"):
            async with browser.post("/presidio/avvisi/1/fine") as response:
                assert response.headers["Location"].endswith(f"?done={outcome}")
        planned = {"where": "pages", "text": SAID, "starts": "01/01/2099 10:00", "ends": ""}
        async with browser.post("/presidio/avvisi", data=planned) as response:
            assert response.headers["Location"].endswith("?done=notice_planned")
    assert ESCAPED not in await text_of(citizen, "/portale")
    assert [entry[:3] for entry in await logged(database)] == [
        ("Rosa", "notice_added", "pages"),
        ("Rosa", "notice_ended", "1"),
        ("Rosa", "notice_added", "pages"),
    ]


async def test_a_notice_about_a_structure_comes_when_it_is_chosen(
    chat_service: Service, citizen: Browser, rasa: StandInRasa
) -> None:
    assert await publish(chat_service, "structure:asp_trapani") == 303
    assert ESCAPED not in await text_of(citizen, "/portale")
    assert ESCAPED not in await text_of(citizen, "/prenota?structure=asp_catania")
    assert ESCAPED in await text_of(citizen, "/prenota?structure=asp_trapani")
    assert "<strong>ASP Trapani</strong>: Il CUP" in await text_of(citizen, "/assistenza")
    await citizen.open_chat("portal")
    draft = {"structure": "asp_trapani", "category": "technical"}
    rasa.replies = [{"text": "Va bene.", "custom": {"draft": draft}}]
    _, first = await citizen.say("è Trapani")
    _, second = await citizen.say("e poi")
    assert [message["text"] for message in first["messages"]] == [SAID, "Va bene."]
    assert [message["text"] for message in second["messages"]] == ["Va bene."]


async def test_a_closed_chat_says_why_and_takes_the_message_when_it_opens(
    chat_service: Service, citizen: Browser, rasa: StandInRasa
) -> None:
    await citizen.open_chat("portal")
    assert await publish(chat_service, "chat") == 303
    closed = TEXTS("chat.closed", why=SAID)
    said = str(uuid4())
    _, body = await citizen.say("il sito si blocca", said)
    assert [message["text"] for message in body["messages"]] == [closed]
    assert (body["retry"], rasa.got) == (True, [])
    assert "La chat è chiusa" in await text_of(citizen, "/portale")
    async with chat_service.browser() as other:
        chat = await other.open_chat()
        welcome, *rest = [message["text"] for message in chat["messages"]]
        assert ("un programma" in welcome, rest) == (True, [closed])
        async with (
            at_desk(chat_service, Role.DIALOGUE) as browser,
            browser.post("/presidio/avvisi/1/fine") as response,
        ):
            assert response.status == 303
        chat = await other.open_chat()
        assert [message["text"] for message in chat["messages"]] == [welcome]
    _, body = await citizen.say("il sito si blocca", said)
    assert [message["text"] for message in body["messages"]] == ["Va bene."]


@pytest.mark.both_databases
async def test_another_process_has_it_within_five_seconds(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    other = Notices(database)
    watching = asyncio.create_task(other.watch())
    async with running_service(database, directory, tmp_path) as service:
        began = time.monotonic()
        assert await publish(service, "pages") == 303
        while not other.texts(Kind.PAGES):
            assert time.monotonic() - began < 5.0
            await asyncio.sleep(0.1)
    watching.cancel()


@pytest.mark.both_databases
async def test_a_notice_is_in_force_from_its_beginning_to_its_end(database: Database) -> None:
    now = time.time()
    async with database.write() as writing:
        for starts, ends in ((-9, -1), (-9, 1e4), (1e4, 2e4), (-9, None)):
            add(writing, "pages", f"da {starts} a {ends}", now + starts, ends and now + ends)
    notices = Notices(database)
    await notices.look()
    assert notices.texts(Kind.PAGES) == ["da -9 a 10000.0", "da -9 a None"]
    async with database.write() as writing:
        id_ = await writing.scalar(select(NoticeRow.id).where(NoticeRow.ends_at.is_(None)))
        assert await end(writing, id_ or 0, now)
        assert not await end(writing, id_ or 0, now)
    async with database.read() as reading:
        assert len(await not_over(reading, now)) == 2


async def test_a_notice_that_is_not_right_comes_back_with_what_was_typed(service: Service) -> None:
    wrong = (
        ("where_missing", "structure:nessuna", {}),
        ("where_missing", "structure", {}),
        ("text_length", "pages", {"text": "breve"}),
        ("moment_unreadable", "pages", {"starts": "domani"}),
        ("moment_unreadable", "pages", {"starts": "01/01/0001 00:00"}),
        ("moment_unreadable", "pages", {"ends": "2099-01-01"}),
        ("ends_early", "pages", {"ends": "01/01/2020 10:00"}),
    )
    async with at_desk(service, Role.DIALOGUE) as browser:
        for key, where, more in wrong:
            fields = {"where": where, "text": SAID, "starts": "", "ends": ""} | more
            async with browser.post("/presidio/avvisi", data=fields) as response:
                page = await response.text()
            assert (response.status, TEXTS(f"notice_problem.{key}") in unescape(page)) == (
                422,
                True,
            ), key
            assert fields["text"] in unescape(page)


async def test_the_command_does_the_same(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))

    def run(*arguments: str) -> object:
        monkeypatch.setattr("sys.argv", ["intercup", "notices", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code

    def all_of_it() -> list[object]:
        return [
            run("add", "structure:asp_trapani", SAID, "--ends", "2099-01-01T10:00"),
            run("add", "nowhere", SAID),
            run("list"),
            run("end", "1"),
            run("end", "1"),
        ]

    assert await asyncio.to_thread(all_of_it) == [0, 2, 0, 0, 1]
    assert "structure:asp_trapani  da " in capsys.readouterr().out
    changes = [action for _, action, *_ in await logged(database)]
    assert changes == ["notice_added", "notice_ended"]


async def test_a_notice_of_a_newer_version_is_left_out(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.write() as writing:
        add(writing, "galaxy", SAID, 0.0, None)
        add(writing, "pages", SAID, 0.0, None)
    notices = Notices(database)
    await notices.look()
    assert notices.texts(Kind.PAGES) == [SAID]
    assert "notice 1 of an unknown kind is left out" in caplog.text
