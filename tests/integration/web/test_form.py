"""The plain form: from the browser to the database."""

import asyncio
import html
import re
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import Delivery, Rating, Request
from intercup.domain.directory import Directory
from intercup.texts import TEXTS
from tests.support.made_requests import (
    AGATA,
    ROSARIO,
    TEXT,
    count,
    deliveries,
    set_deliveries,
)
from tests.support.mails import body_in
from tests.support.web_service import FIELDS, RASA_PATIENCE, Browser, Service, running_service

NUMBER = re.compile(r"IC-\w{4}-\w{4}-\w{4}")


async def post(browser: Browser, **changed: Any) -> tuple[int, str]:
    fields = {name: v for name, v in (FIELDS | changed).items() if v is not None}
    async with browser.send_form(fields) as response:
        return response.status, await response.text()


@pytest.mark.both_databases
async def test_a_complete_form_is_registered(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, text = await post(browser)
    assert status == 200
    async with browser.database.read() as session:
        row = (await session.scalars(select(Request))).one()
        recipients = (await session.scalars(select(Delivery.recipient))).all()
    assert NUMBER.findall(text)[0] == row.number
    assert (row.source, row.description, row.person_key) == ("form", TEXT, AGATA.person_key)
    assert set(recipients) == {"f.dantonino@ads.it", AGATA.email}


@pytest.mark.both_databases
async def test_a_form_sent_twice_gives_the_same_number(browser: Browser) -> None:
    await browser.log_in(AGATA)
    first, second = await post(browser), await post(browser)
    assert NUMBER.findall(first[1]) == NUMBER.findall(second[1])
    assert await count(browser.database, Request) == 1


async def test_the_receipt_says_how_the_delivery_is_doing(browser: Browser) -> None:
    await browser.log_in(AGATA)
    _, first = await post(browser)
    await set_deliveries(browser.database, "office", state="sent", sent_at=1.0)
    _, second = await post(browser)
    assert TEXTS("state.queued") in html.unescape(first)
    assert TEXTS("state.sent") in html.unescape(second)


@pytest.mark.both_databases
async def test_a_form_left_by_another_person_is_no_error_of_the_server(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        _, text = await post(browser)
    number = NUMBER.findall(text)[0]
    async with service.browser(ROSARIO) as browser:
        status, text = await post(browser)
    assert status < 500
    assert number not in text


async def test_each_form_has_its_own_key(browser: Browser) -> None:
    await browser.log_in(AGATA)
    keys = set()
    for _ in range(3):
        async with browser.get("/assistenza") as response:
            found = re.search(r'name="submission_key" value="([^"]+)"', await response.text())
        assert found
        keys.add(found[1])
    assert len(keys) == 3


async def test_an_incomplete_form_names_each_problem_and_keeps_the_text(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, text = await post(
        browser, structure="", description="<b>corto", privacy=None, regulation=None
    )
    assert status == 422
    for field in ("structure", "description", "privacy", "regulation"):
        assert f'id="{field}-error"' in text
        assert f'href="#{field}"' in text
    assert html.escape("<b>corto") in text
    assert "<b>corto" not in text
    assert re.search(r'value="technical" selected', text)
    assert 'value="chiave-del-modulo"' in text
    assert await count(browser.database, Request) == 0


@pytest.mark.parametrize("extra", [1, 10_000])
async def test_a_text_that_is_too_long_is_kept_and_told(browser: Browser, extra: int) -> None:
    await browser.log_in(AGATA)
    text = "parole " * 285 + "x" * (5 + extra)
    status, page = await post(browser, description=text)
    assert status == 422
    assert 'id="description-error"' in page
    assert text in page


async def test_a_text_of_2000_characters_with_line_ends_is_taken(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, _ = await post(browser, description="\r\n".join(["x" * 99] * 20))
    assert status == 200


OTHER = "All'ASP Trapani il sito si blocca dopo la scelta della data."


async def test_a_text_about_another_structure_is_asked_once(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, page = await post(browser, description=OTHER)
    assert (status, await count(browser.database, Request)) == (422, 0)
    said = {"names": "ASP Trapani", "chosen": "A.O. Papardo di Messina"}
    assert TEXTS("problem.structure_doubt", **said) in html.unescape(page)
    assert OTHER in html.unescape(page)
    checked = re.findall(r'name="checked_structure" value="([^"]*)"', page)
    status, _ = await post(browser, description=OTHER, checked_structure=checked[0])
    assert (status, await count(browser.database, Request)) == (200, 1)


async def test_an_answer_to_the_question_outlives_another_error(browser: Browser) -> None:
    await browser.log_in(AGATA)
    _, page = await post(browser, description=OTHER)
    checked = re.findall(r'name="checked_structure" value="([^"]+)"', page)
    answered = {"description": OTHER, "checked_structure": checked[0]}
    status, page = await post(browser, **answered, privacy=None)
    assert status == 422
    assert re.findall(r'name="checked_structure" value="([^"]+)"', page) == checked


async def test_a_structure_chosen_after_the_question_is_looked_at_anew(browser: Browser) -> None:
    await browser.log_in(AGATA)
    _, page = await post(browser, description=OTHER)
    checked = re.findall(r'name="checked_structure" value="([^"]+)"', page)
    changed = {"structure": "asp_messina", "checked_structure": checked[0]}
    status, _ = await post(browser, description=OTHER, **changed)
    assert (status, await count(browser.database, Request)) == (422, 0)


async def test_a_silent_rasa_holds_no_form(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with (
        silent,
        running_service(database, directory, tmp_path, url) as service,
        service.browser(AGATA) as browser,
    ):
        began = time.monotonic()
        assert (await post(browser))[0] == 200
        assert time.monotonic() - began < RASA_PATIENCE


@pytest.mark.parametrize(
    "text",
    [
        "Al Papardo il sito si blocca dopo la scelta della data.",
        "Mia figlia Vittoria non riesce a scegliere la data.",
        "Né al Papardo né all'ASP Trapani si può scegliere la data.",
    ],
)
async def test_a_text_that_does_not_contradict_the_choice_is_sent(
    browser: Browser, text: str
) -> None:
    await browser.log_in(AGATA)
    assert (await post(browser, description=text))[0] == 200


async def test_a_form_without_login_says_that_the_session_ended(browser: Browser) -> None:
    status, text = await post(browser)
    assert status == 401
    assert "sessione è scaduta" in text


async def test_the_structure_of_the_page_is_chosen_before(browser: Browser) -> None:
    await browser.log_in(AGATA)
    async with browser.get("/assistenza?structure=asp_ragusa") as response:
        assert 'value="asp_ragusa" selected' in await response.text()


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("submission_key", "a\x00b"),
        ("submission_key", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
        ("description", "ciao a tutti \x00 voi"),
        ("category", "\x00"),
        ("structure", "'; DROP TABLE requests; --"),
        ("submission_key", "x" * 5_000),
    ],
)
async def test_a_strange_field_is_no_error_of_the_server(
    browser: Browser, field: str, value: str
) -> None:
    await browser.log_in(AGATA)
    status, _ = await post(browser, **{field: value})
    assert status < 500


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"description=%ff%fe&category=\xff"),
        ("application/x-www-form-urlencoded; charset=nothing", b"a=b"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b\xff"),
        ("application/x-www-form-urlencoded", b"&" * 60_000),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 300_000),
        ("multipart/form-data", b"--x"),
        ("application/json", b"{}"),
        ("", b""),
    ],
)
async def test_a_body_that_is_no_form_is_refused(
    browser: Browser, content_type: str, body: bytes
) -> None:
    await browser.log_in(AGATA)
    headers = {"Content-Type": content_type}
    async with browser.post("/assistenza", data=body, headers=headers) as response:
        assert 400 <= response.status < 500
    assert await count(browser.database, Request) == 0


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(browser: Browser) -> None:
    await browser.log_in(AGATA)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Encoding": "gzip",
    }
    async with browser.post("/assistenza", data=b"not gzip", headers=headers) as response:
        assert 400 <= response.status < 500


@pytest.mark.parametrize(
    ("stars", "status", "stored"), [("1", 303, 1), ("5", 303, 1), ("6", 422, 0), ("²", 422, 0)]
)
async def test_a_rating_is_stored_without_the_person(
    browser: Browser, stars: str, status: int, stored: int
) -> None:
    await browser.log_in(AGATA)
    async with browser.post("/valutazione", data={"rating": stars}) as response:
        assert response.status == status
    assert await count(browser.database, Rating) == stored
    columns = {"id", "key", "stars", "reason", "details", "day"}
    assert set(Rating.__table__.columns.keys()) == columns


async def test_a_consent_whose_text_has_changed_is_asked_again(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, text = await post(browser, privacy="2020-01-01")
    assert status == 422
    assert 'id="privacy-error"' in text
    assert re.search(r'id="privacy"[^>]* checked', text) is None
    assert re.search(r'id="regulation"[^>]* checked', text)
    assert await count(browser.database, Request) == 0
    status, _ = await post(browser)
    assert status == 200


async def test_a_page_of_one_person_sends_nothing_in_anothers_name(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        async with browser.get("/assistenza") as response:
            mark = re.search(r'name="person" value="([0-9a-f]+)"', await response.text())
        assert mark
        await browser.log_in(ROSARIO)
        status, text = await post(browser, person=mark[1])
        assert status == 409
        assert TEXTS("error.other_person").split(".")[0] in html.unescape(text)
        assert TEXT in html.unescape(text)
        assert await count(service.database, Request) == 0
        again = re.search(r'name="person" value="([0-9a-f]+)"', text)
        assert again
        status, _ = await post(browser, person=again[1])
        assert status == 200


async def test_the_category_before_login_is_not_for_the_form(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, text = await post(browser, category="access", structure="")
    assert status == 422
    assert 'id="category-error"' in text


async def test_optional_answers_reach_the_office_and_the_receipt(browser: Browser) -> None:
    await browser.log_in(AGATA)
    optional = {
        "phone": "+39 091 1234567",
        "best_time": "Mattina",
        "relation": "Madre o padre",
        "nre": "1900a *4012345678",
    }
    async with browser.send_form(FIELDS | optional) as response:
        page = await response.text()
    office, _ = await deliveries(browser.database)
    body = body_in(office.raw)
    for shown in ("+39 091 1234567", "Mattina", "Madre o padre", "1900A4012345678"):
        assert (shown in page, f"\n> {shown}" in body) == (True, True), shown


async def test_optional_answers_are_checked_and_kept_in_the_form(browser: Browser) -> None:
    await browser.log_in(AGATA)
    wrong = {"phone": "chiamatemi", "relation": "mia zia Rosalia", "nre": "12345"}
    async with browser.send_form(FIELDS | wrong) as response:
        page = await response.text()
    assert (response.status, '<details class="details" open>' in page) == (422, True)
    for name in ("phone", "nre"):
        assert f'id="{name}-error"' in page
        assert f'value="{wrong[name]}"' in page
    assert "zia Rosalia" not in page
    information = {"category": "information", "nre": "1900A4012345678"}
    async with browser.send_form(FIELDS | information) as response:
        assert (response.status, "non serve" in await response.text()) == (422, True)
