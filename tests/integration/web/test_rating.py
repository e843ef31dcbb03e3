"""The satisfaction questions after a request: official words, one answer, nobody's."""

import asyncio
import html
import re

import pytest
from sqlalchemy import select

from intercup.db.tables import Rating
from intercup.services.requests.rating import DETAILS_MAX
from intercup.texts import TEXTS
from tests.support.made_requests import AGATA
from tests.support.web_service import Browser

KEY = re.compile(r'name="rating_key" value="([^"]+)"')


async def post(browser: Browser, path: str, **fields: str) -> tuple[int, str]:
    async with browser.post(path, data=fields, allow_redirects=True) as response:
        return response.status, html.unescape(await response.text())


async def rows(browser: Browser) -> list[tuple[int, str, str]]:
    async with browser.database.read() as reading:
        found = await reading.scalars(select(Rating))
        return [(row.stars, row.reason, row.details) for row in found]


@pytest.mark.parametrize(("stars", "kind"), [("1", "hard"), ("3", "hard"), ("4", "liked")])
async def test_the_stars_decide_what_is_asked(browser: Browser, stars: str, kind: str) -> None:
    await browser.log_in(AGATA)
    status, page = await post(browser, "/valutazione", rating=stars)
    assert status == 200
    other = {"hard": "liked", "liked": "hard"}[kind]
    assert TEXTS(f"rating_{kind}.question") in page
    assert TEXTS(f"rating_{kind}.progress") in page
    assert TEXTS(f"rating_{other}.question") not in page


@pytest.mark.both_databases
async def test_why_is_added_to_the_same_answer_however_often_it_is_sent(browser: Browser) -> None:
    await browser.log_in(AGATA)
    _, page = await post(browser, "/valutazione", rating="2", rating_key="chiave")
    key = KEY.findall(page)[0]
    await post(browser, "/valutazione", rating="2", rating_key=key)
    fields = {"rating": "2", "rating_key": key, "reason": "technical", "details": " Lento.\r\n"}
    for _ in range(2):
        status, _ = await post(browser, "/valutazione/motivo", **fields)
        assert status == 200
    assert await rows(browser) == [(2, "technical", "Lento.")]


async def test_an_answer_leads_to_a_page_that_can_be_loaded_again(browser: Browser) -> None:
    await browser.log_in(AGATA)
    steps = {
        "/valutazione": "/valutazione/motivo",
        "/valutazione/motivo": "/valutazione/grazie",
    }
    for path, page in steps.items():
        async with browser.post(path, data={"rating": "5", "rating_key": "k"}) as response:
            assert (response.status, response.headers["Location"]) == (303, page)
        async with browser.get(page) as response:
            assert response.status == 200


async def test_why_may_be_left_empty(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, _ = await post(browser, "/valutazione/motivo", rating="5", rating_key="chiave")
    assert (status, await rows(browser)) == (200, [(5, "", "")])


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 422)])
async def test_details_that_are_too_long_are_kept_in_the_page(
    browser: Browser, extra: int, status: int
) -> None:
    await browser.log_in(AGATA)
    text = "è" * (DETAILS_MAX + extra)
    fields = {"rating": "3", "rating_key": "chiave", "reason": "other", "details": text}
    got, page = await post(browser, "/valutazione/motivo", **fields)
    assert got == status
    assert (text in page, len(await rows(browser))) == ((True, 0) if extra else (False, 1))


@pytest.mark.parametrize(
    "fields",
    [
        {"rating": "9"},
        {"rating": "2", "reason": "altro"},
        {"rating": "2", "rating_key": "x" * 65},
        {},
    ],
)
async def test_what_was_not_offered_is_refused(browser: Browser, fields: dict[str, str]) -> None:
    await browser.log_in(AGATA)
    status, _ = await post(browser, "/valutazione/motivo", **fields)
    assert (status, await rows(browser)) == (422, [])


@pytest.mark.both_databases
async def test_two_clicks_at_once_are_one_answer(browser: Browser) -> None:
    await browser.log_in(AGATA)
    fields = {"rating": "4", "rating_key": "chiave"}
    answers = await asyncio.gather(*(post(browser, "/valutazione", **fields) for _ in range(6)))
    assert [status for status, _ in answers] == [200] * 6
    assert [stars for stars, *_ in await rows(browser)] == [4]
