"""/chat/files: files of a chat's request, which Rasa never sees."""

import asyncio
import json
import logging
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from intercup.db.tables import Attachment, Request
from intercup.domain.attachment import FileKind
from intercup.domain.directory import Directory
from intercup.errors import TooMany, Unavailable
from intercup.services.attachments import cleaning
from intercup.services.attachments.cleaning import Cleaner
from intercup.services.attachments.rewriting import rewrite
from intercup.services.attachments.store import file_seal
from intercup.texts import TEXTS
from intercup.web.upload import UPLOAD_MAX
from tests.support.delivering import until
from tests.support.forwarding import TRAPANI, Offices
from tests.support.hostile_files import HOSTILE, PDF, PNG, SECRET, picture
from tests.support.made_requests import AGATA, count, submit_chat
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import Browser, Service, StandInRasa

PATH = "/chat/files"
NAMED = f"{SECRET}.png"
SUMMARY = [{"text": "Controlli.", "custom": {"input": "summary"}}]
RECEIPT = [{"text": "Registrata.", "custom": {"show": "receipt", "ended": True}}]


@pytest.fixture
async def mark(chatting: Browser, sender: str, rasa: StandInRasa) -> str:
    """The mark of the draft whose summary the chat shows."""
    return await summary(chatting, rasa)


async def summary(browser: Browser, rasa: StandInRasa) -> str:
    rasa.replies = SUMMARY
    _, body = await browser.say("aspetti")
    mark: str = body["messages"][-1]["input"]["files"]["draft"]
    return mark


async def add(
    browser: Browser, mark: str, name: str = NAMED, content: bytes = PNG, **more: Any
) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData({"draft": mark}, default_to_multipart=True)
    form.add_field("files", BytesIO(content), filename=name, content_type="image/png")
    async with browser.post(PATH, data=form, **more) as response:
        return response.status, await response.json()


async def listed(browser: Browser) -> list[str]:
    async with browser.get(PATH) as response:
        return [f"{file['name']}, {file['size']}" for file in (await response.json())["files"]]


async def test_files_go_with_the_request_and_neither_to_rasa_nor_to_a_log(
    chat_service: Service,
    chatting: Browser,
    mark: str,
    rasa: StandInRasa,
    directory: Directory,
    mail_catcher: MailCatcher,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await add(chatting, mark))[0] == 200
    _, answer = await add(chatting, mark, "b.pdf", PDF)
    assert [file["name"] for file in answer["files"]] == [NAMED, "b.pdf"]
    assert await add(chatting, mark) == (200, answer)  # the second click
    # Back from a correction it is the same draft.
    assert (await summary(chatting, rasa), await listed(chatting)) == (
        mark,
        [f"{NAMED}, 1 kB", "b.pdf, 1 kB"],
    )
    row = await submit_chat(chatting.database, directory)
    # Its turn isn't stored yet, as after a crash: what comes now would stay behind.
    assert (await add(chatting, mark, "c.png", picture(size=(9, 9))))[0] == 409
    assert (await submit_chat(chatting.database, directory)).number == row.number
    rasa.replies = RECEIPT
    _, body = await chatting.say("invia")
    assert {"label": "Allegati", "value": f"{NAMED}, b.pdf"} in body["messages"][-1]["input"][
        "rows"
    ]
    assert (await listed(chatting), await add(chatting, mark, "c.png", PNG)) == (
        [],
        (409, {"error": "stale_choice", "message": TEXTS("error.stale_choice")}),
    )
    offices = Offices(
        chatting, directory, mail_catcher, seal=file_seal(chat_service.settings.secret_key)
    )
    await offices.deliver()
    (mail,) = offices.mails_to(TRAPANI)
    names = [part.get_filename() for part in mail.message.iter_attachments()]  # type: ignore[attr-defined]
    assert names == ["allegato-1.png", "allegato-2.pdf"]
    assert await count(chatting.database, Request) == 1
    ours = [record for record in caplog.records if record.name.startswith("intercup")]
    assert ours
    assert not any(SECRET in record.getMessage() for record in ours)
    assert SECRET not in json.dumps(rasa.got)


async def test_every_hostile_file_is_refused_with_a_sentence_or_clean(
    chatting: Browser, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(kind: FileKind, content: bytes) -> bytes:
        try:
            return await asyncio.to_thread(rewrite, kind, content)
        except Exception as error:
            raise cleaning.FileRefused(getattr(error, "reason", "damaged")) from error

    monkeypatch.setattr(cleaning, "_rewritten", at_once)
    wrong = []
    for name, content, expected in HOSTILE:
        status, answer = await add(chatting, mark, name.replace("\n", ""), content)
        if expected:
            told = TEXTS(f"file_problem.{expected}") in answer["message"]
            is_right = (status, answer["error"], told) == (422, "file_refused", True)
        else:
            is_right = status == 200
            fields = {"draft": mark, "drop_file": answer["files"][0]["id"] if is_right else ""}
            async with chatting.post(PATH, data=fields) as response:
                is_right &= await response.json() == {"files": []}
        if not is_right:
            wrong.append((name, expected, status, answer))
    assert wrong == []


async def test_of_four_files_the_last_is_refused(chatting: Browser, mark: str) -> None:
    answers = [await add(chatting, mark, f"{n}.png", picture(size=(n, 9))) for n in range(1, 5)]
    assert [status for status, _ in answers] == [200, 200, 200, 422]
    assert TEXTS("file_problem.many") in answers[-1][1]["message"]
    assert len(await listed(chatting)) == 3


async def test_every_refusal_has_its_sentence_and_keeps_nothing(
    chatting: Browser, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: Exception) -> Any:
        async def clean(*_: Any) -> None:
            raise error

        return clean

    assert (await add(chatting, mark, headers={"Origin": "https://altrove.example"}))[0] == 403
    assert (await add(chatting, mark, headers={"Content-Encoding": "gzip"}))[0] == 415
    assert (await add(chatting, "another"))[0] == 409
    for error, status in ((Unavailable("files_unchecked"), 503), (TooMany("too_many_files"), 429)):
        monkeypatch.setattr(Cleaner, "clean", fail(error))
        assert await add(chatting, mark) == (
            status,
            {"error": error.key, "message": TEXTS(f"error.{error.key}")},
        )
    large = {"Content-Type": "multipart/form-data; boundary=x"}
    large["Content-Length"] = str(UPLOAD_MAX + 1)
    async with chatting.post(PATH, data=b"", headers=large) as response:
        assert (response.status, (await response.json())["error"]) == (413, "files_too_large")
    assert await count(chatting.database, Attachment) == 0


@pytest.mark.parametrize("is_cancelled", [True, False])
async def test_files_go_with_a_cancelled_request_and_with_a_forgotten_chat(
    chatting: Browser, mark: str, rasa: StandInRasa, is_cancelled: bool
) -> None:
    await add(chatting, mark)
    assert await count(chatting.database, Attachment) == 1
    if is_cancelled:
        rasa.replies = [{"text": "Annullata.", "custom": {"ended": True, "cancelled": True}}]
        await chatting.press("/cancel")
    else:
        async with chatting.post("/chat/forget", json={}) as response:
            assert response.status == 200
    assert await count(chatting.database, Attachment) == 0


async def test_a_file_under_way_while_the_request_is_sent_is_not_kept(
    chatting: Browser, mark: str, rasa: StandInRasa
) -> None:
    rasa.replies, rasa.seconds = RECEIPT, 1.0
    sending = asyncio.ensure_future(chatting.say("invia"))
    await until(lambda: rasa.at_work > 0)
    assert (await add(chatting, mark))[0] == 409
    await sending
    assert await count(chatting.database, Attachment) == 0


async def test_a_file_that_comes_too_late_is_told_in_the_chat(
    chatting: Browser, mark: str, rasa: StandInRasa
) -> None:
    rasa.replies = RECEIPT
    await chatting.say("invia")  # in another tab
    assert (await add(chatting, mark))[0] == 409
    messages = (await chatting.open_chat("portal"))["messages"]
    late = TEXTS("file_problem.late", name=NAMED)
    assert [m["text"] for m in messages if m["from"] == "bot"][-1] == late
    assert await listed(chatting) == []


async def test_files_of_the_chat_wait_for_the_next_login_of_the_same_person(
    chatting: Browser, mark: str, rasa: StandInRasa, directory: Directory
) -> None:
    await add(chatting, mark)
    await chatting.log_in_again(AGATA)
    await chatting.open_chat("portal")
    assert (await summary(chatting, rasa), await listed(chatting)) == (mark, [f"{NAMED}, 1 kB"])
    row = await submit_chat(chatting.database, directory)
    async with chatting.database.read() as reading:
        assert await reading.scalar(select(Attachment.request_number)) == row.number


async def test_before_login_there_are_no_files(chat_service: Service) -> None:
    async with chat_service.browser() as browser:
        assert (await add(browser, "x"))[0] == 401
        await browser.open_chat()
        assert (await add(browser, "x"))[0] == 401
