"""Files of the plain form, without JavaScript."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import delete, select, update

from intercup.db.engine import Database
from intercup.db.tables import Attachment, BrowserSession, Request
from intercup.domain.attachment import FILE_MAX, CleanFile, FileKind
from intercup.domain.directory import Directory
from intercup.domain.normalise import TEXT_MAX
from intercup.domain.request import Citizen
from intercup.services.attachments.cleaning import Cleaner
from intercup.services.attachments.store import file_seal
from intercup.services.login.session_expiry import IDLE_LIMIT
from intercup.texts import TEXTS
from intercup.web import floods
from intercup.web.upload import UPLOAD_MAX
from tests.support.forwarding import Offices
from tests.support.hostile_files import ESCAPED, PDF, PNG, SECRET, picture
from tests.support.made_requests import AGATA, ROSARIO, TEXT, count
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import FIELDS, Browser, Service, running_service

PAPARDO = "f.dantonino@ads.it"
NAMED = f"{SECRET}.png"


def with_files(*files: tuple[str, bytes], **more: str) -> aiohttp.FormData:
    """The filled form with files, as browsers send it; an empty field of files too."""
    form = aiohttp.FormData(FIELDS | more, default_to_multipart=True)
    for name, content in files or (("", b""),):
        form.add_field("files", BytesIO(content), filename=name, content_type="image/png")
    return form


async def send(
    browser: Browser, *files: tuple[str, bytes], **more: str
) -> tuple[int, str, dict[str, Any]]:
    async with browser.post("/assistenza", data=with_files(*files, **more)) as response:
        return response.status, unescape(await response.text()), dict(response.headers)


async def stored(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Attachment.name).order_by(Attachment.created_at)))


async def test_files_reach_office_receipt_and_list_and_no_log(
    service: Service, directory: Directory, mail_catcher: MailCatcher, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    async with service.browser(AGATA) as browser:
        status, _, headers = await send(browser, (NAMED, PNG), ("b.pdf", PDF))
        assert status == 303
        for path in (headers["Location"], "/richieste"):
            async with browser.get(path) as response:
                assert f"{SECRET}.png, 1 kB" in await response.text()
        seal = file_seal(service.settings.secret_key)
        offices = Offices(browser, directory, mail_catcher, seal=seal)
        await offices.deliver()
        (mail,) = offices.mails_to(PAPARDO)
    names = [part.get_filename() for part in mail.message.iter_attachments()]  # type: ignore[attr-defined]
    assert names == ["allegato-1.png", "allegato-2.pdf"]
    ours = [record for record in caplog.records if record.name.startswith("intercup")]
    assert ours
    assert not any(SECRET in record.getMessage() for record in ours)


async def test_a_refused_file_says_so_beside_its_field_and_the_others_stay(
    service: Service,
) -> None:
    async with service.browser(AGATA) as browser:
        status, page, _ = await send(browser, (NAMED, PNG), ("foto.pdf", ESCAPED))
        assert (status, 'href="#files"' in page, TEXT in page) == (422, True, True)
        assert f"«foto.pdf»: {TEXTS('file_problem.active')}" in page
        assert f"<bdi>{SECRET}.png</bdi>, 1 kB</span>" in page
        assert await count(browser.database, Request) == 0
        status, _, headers = await send(browser)
        assert status == 303
        async with browser.get(headers["Location"]) as response:
            assert f"{SECRET}.png, 1 kB" in await response.text()


async def test_a_form_with_another_error_keeps_its_files_and_one_can_be_taken_away(
    service: Service,
) -> None:
    async with service.browser(AGATA) as browser:
        more = (("b.png", picture(size=(9, 9))),)
        _, page, _ = await send(browser, (NAMED, PNG), *more, description="breve")
        assert await stored(browser.database) == [NAMED, "b.png"]
        ids = re.findall(r'name="drop_file" value="(\w+)"', page)
        status, page, _ = await send(browser, drop_file=ids[0])
        assert (status, await stored(browser.database)) == (200, ["b.png"])
        status, page, _ = await send(
            browser, *((f"{n}.png", picture(size=(n, 9))) for n in (1, 2, 3))
        )
        assert (status, TEXTS("file_problem.many") in page) == (422, True)
        assert await stored(browser.database) == ["b.png", "1.png", "2.png"]


async def test_a_sent_form_changed_and_sent_again_doesnt_lose_its_files_in_silence(
    service: Service,
) -> None:
    files = [(f"{n}.png", picture(size=(n, 9))) for n in (1, 2, 3)]
    async with service.browser(AGATA) as browser:
        first = [(await send(browser, *files))[2]["Location"] for _ in range(2)]
        assert first[0] == first[1]
        for sent in (files, [(NAMED, PNG)]):
            status, page, _ = await send(browser, *sent, description=f"{TEXT} Di nuovo.")
            assert (status, TEXTS("problem.files_sent") in page) == (422, True)
        (key,) = re.findall(r'name="submission_key" value="(.+?)"', page)
        more = {"description": f"{TEXT} Di nuovo.", "submission_key": key}
        _, _, headers = await send(browser, *files, **more)
        async with browser.get(headers["Location"]) as response:
            assert "3.png, 1 kB" in await response.text()
        assert await count(browser.database, Request) == 2


async def test_files_too_large_come_back_with_what_was_typed(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        status, page, _ = await send(browser, ("a.png", PNG + bytes(FILE_MAX)))
        assert (status, TEXTS("file_problem.large") in page, TEXT in page) == (422, True, True)
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        headers["Content-Length"] = str(UPLOAD_MAX + 1)
        async with browser.post("/assistenza", data=b"", headers=headers) as response:
            assert response.status == 413
            assert TEXTS("error.files_too_large") in unescape(await response.text())
        assert await stored(browser.database) == []


async def test_after_the_end_of_the_session_the_loss_of_files_is_told(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        async with browser.database.write() as writing:
            await writing.execute(update(BrowserSession).values(seen_at=time.time() - IDLE_LIMIT))
        status, page, _ = await send(browser, (NAMED, PNG))
        assert (status, TEXTS("file_problem.lost") in page) == (401, True)
        await browser.log_in_again(AGATA)
        async with browser.get("/assistenza") as response:
            assert TEXTS("file_problem.lost") in unescape(await response.text())
        assert await stored(browser.database) == []


async def test_waiting_files_come_back_with_the_next_login_of_the_same_person_only(
    service: Service,
) -> None:
    async with service.browser(AGATA) as browser:
        await send(browser, (NAMED, PNG), description="breve")
        async with browser.database.write() as writing:
            await writing.execute(update(BrowserSession).values(seen_at=time.time() - IDLE_LIMIT))
        status, page, _ = await send(browser)
        assert (status, TEXTS("file_problem.lost") in page) == (401, False)
        await browser.log_in_again(AGATA)
        status, page, _ = await send(browser, description="breve")
        assert (status, f"<bdi>{SECRET}.png</bdi>, 1 kB</span>" in page) == (422, True)
        await browser.log_in_again(ROSARIO)
        assert await stored(browser.database) == []


@pytest.mark.parametrize("away", ["logout", "purge"])
async def test_files_that_are_gone_meanwhile_are_told_before_anything_is_sent(
    service: Service, away: str
) -> None:
    async with service.browser(AGATA) as browser:
        _, page, _ = await send(browser, (NAMED, PNG), description="breve")
        assert kept_in(page) == "1"
        if away == "logout":
            async with browser.post("/esci") as response:
                assert response.status == 303
            await browser.log_in(AGATA)
        else:
            async with browser.database.write() as session:
                await session.execute(delete(Attachment))
        status, page, _ = await send(browser, files_kept="1")
        told = TEXTS("file_problem.gone") in page
        assert (status, told, TEXT in page, kept_in(page)) == (422, True, True, "0")
        assert await count(browser.database, Request) == 0
        assert (await send(browser, (NAMED, PNG), files_kept="0"))[0] == 303
        # The second click: they are with the request.
        assert (await send(browser, files_kept="1"))[0] == 303
        assert await count(browser.database, Request) == 1
        assert await stored(browser.database) == [NAMED]


async def test_a_form_that_was_put_aside_says_that_its_files_are_gone(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        await send(browser, (NAMED, PNG), description="breve")
        await send(browser, files_kept="1", next="address")
        for is_told in (False, True):
            if is_told:
                async with browser.database.write() as session:
                    await session.execute(delete(Attachment))
            async with browser.get("/assistenza") as response:
                page = unescape(await response.text())
            assert (TEXTS("file_problem.lost") in page, TEXT in page) == (is_told, True)


def kept_in(page: str) -> str:
    return "".join(re.findall(r'name="files_kept" value="(\d)"', page))


async def test_every_page_that_comes_back_without_the_files_says_so(
    database: Database, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "DEMO_TIMES", 1)
    cases: tuple[tuple[Citizen | None, dict[str, str], int, bool], ...] = (
        (replace(AGATA, email=""), {}, 422, True),
        (AGATA, {"description": "a" * (TEXT_MAX + 1)}, 422, True),
        (AGATA, {"person": "another"}, 409, True),
        (AGATA, {"description": "breve"}, 422, False),
        (None, {}, 429, True),
    )
    async with (
        running_service(database, directory, tmp_path, messages_per_hour=1) as service,
        service.browser() as browser,
    ):
        for citizen, more, expected, is_told in cases:
            if citizen:
                await browser.log_in(citizen)
            status, page, _ = await send(browser, (NAMED, PNG), **more)
            assert (status, TEXTS("file_problem.lost") in page) == (expected, is_told), more


async def test_the_way_to_change_the_address_keeps_the_files(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        status, _, headers = await send(browser, (NAMED, PNG), next="address")
        assert (status, headers["Location"]) == (303, "/recapito?ritorno=/assistenza")
        async with browser.get("/assistenza") as response:
            assert f"<bdi>{SECRET}.png</bdi>, 1 kB</span>" in await response.text()


async def test_without_the_antivirus_nothing_is_sent_and_nothing_typed_is_lost(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    clamd = str(tmp_path / "nobody")
    async with (
        running_service(database, directory, tmp_path, clamd_socket=clamd) as service,
        service.browser(AGATA) as browser,
    ):
        status, page, _ = await send(browser, (NAMED, PNG))
        told = [TEXTS(key) in page for key in ("error.files_unchecked", "file_problem.lost")]
        assert (status, told, TEXT in page) == (503, [True, True], True)


async def test_a_place_is_held_until_files_are_kept_and_a_session_has_one(
    database: Database, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "UPLOADS", 2)
    ended, cleaning, most = asyncio.Event(), 0, 0

    async def clean(*_: Any) -> CleanFile:
        nonlocal cleaning, most
        cleaning += 1
        most = max(most, cleaning)
        await asyncio.sleep(0.2)
        cleaning -= 1
        return CleanFile("a.png", FileKind.PNG, PNG)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await ended.wait()

    monkeypatch.setattr(Cleaner, "clean", clean)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with (
        running_service(database, directory, tmp_path) as service,
        service.browser(AGATA) as slow,
        AsyncExitStack() as stack,
    ):
        posts = (slow.post("/assistenza", data=trickle(), headers=headers) for _ in range(3))
        trickling = [asyncio.ensure_future(post) for post in posts]
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(0.2)
                browser = await stack.enter_async_context(service.browser(ROSARIO))
                assert (await send(browser, (NAMED, PNG)))[0] == 303
        finally:
            ended.set()
            await asyncio.gather(*trickling)
        others = [await stack.enter_async_context(service.browser(ROSARIO)) for _ in range(4)]
        await asyncio.gather(*(send(browser, (NAMED, PNG)) for browser in others))
    assert most == 2


FILE_PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + PNG
CHARSET_PART = b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"a" * 40


@pytest.mark.parametrize(
    "body", [FILE_PART + b"--x--", FILE_PART, CHARSET_PART + b"\r\n" + FILE_PART + b"\r\n--x--"]
)
async def test_a_broken_upload_registers_nothing(service: Service, body: bytes) -> None:
    async with service.browser(AGATA) as browser:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        async with browser.post("/assistenza", data=body, headers=headers) as response:
            assert 400 <= response.status < 500
        assert (await count(browser.database, Request), await stored(browser.database)) == (0, [])
