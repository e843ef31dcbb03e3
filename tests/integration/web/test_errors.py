"""Every failure: a page that says what happened and what to do next, or JSON for a program."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from lxml import html

from intercup.domain.directory import Directory
from intercup.errors import Unavailable
from intercup.texts import TEXTS
from tests.support.made_requests import AGATA
from tests.support.web_service import Browser, Service

ELSEWHERE = {"Origin": "https://evil.example"}
FAILURES: dict[int, tuple[str, str, dict[str, Any]]] = {
    401: ("POST", "/valutazione", {"data": {"rating": "5"}}),
    403: ("POST", "/esci", {"headers": ELSEWHERE}),
    404: ("GET", "/nowhere", {}),
    405: ("GET", "/esci", {}),
    413: ("POST", "/valutazione", {"data": {"rating": "x" * 300_000}}),
    422: ("POST", "/valutazione", {"data": {"rating": "9"}}),
    429: ("POST", "/recapito", {"data": {"email": "altra@example.it"}}),
    500: ("GET", "/richieste", {}),
}


@pytest.fixture
async def browser(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """Agata's browser, at a service whose list of requests is broken."""

    async def fail(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("intercup.web.requests.requests_of", fail)
    async with service.browser(AGATA) as browser:
        yield browser


async def provoke(browser: Browser, status: int, accept: str) -> tuple[int, Any, str]:
    """Make a failure happen; return status, headers and body."""
    method, path, more = FAILURES[status]
    if status == 401:
        browser.session.cookie_jar.clear()
    headers = {"Accept": accept} | more.get("headers", {})
    for _ in range(20 if status == 429 else 1):
        send = browser.post if method == "POST" else browser.get
        async with send(path, **more | {"headers": headers}) as response:
            answer = response.status, response.headers, await response.text()
        if answer[0] == status:
            break
    return answer


@pytest.mark.parametrize("status", FAILURES)
async def test_a_failure_is_a_page_with_a_way_on(
    browser: Browser, directory: Directory, status: int
) -> None:
    found, _, text = await provoke(browser, status, "text/html,*/*;q=0.8")
    assert found == status
    page = html.document_fromstring(text)
    assert page.xpath("string(//h1)") == TEXTS(f"title.{status}")
    assert page.xpath("//main//li") != []
    assert page.xpath("//main//a[contains(@class, 'btn')]/@href")
    assert page.xpath("//main//a[starts-with(@href, 'mailto:')]/@href") == [
        f"mailto:{directory.home_mailbox}"
    ]
    assert page.xpath("//link[@rel='stylesheet']") != []


@pytest.mark.parametrize("status", FAILURES)
async def test_a_program_gets_the_same_failure_as_json(browser: Browser, status: int) -> None:
    found, headers, text = await provoke(browser, status, "application/json")
    assert (found, headers["Content-Type"].partition(";")[0]) == (status, "application/json")
    assert '"error"' in text and '"message"' in text


async def test_what_is_unavailable_always_says_when_to_try_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("provider_unavailable")

    monkeypatch.setattr("intercup.web.requests.requests_of", fail)
    async with browser.get("/richieste") as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("raised", [web.HTTPBadRequest(), web.HTTPPaymentRequired()])
async def test_a_failure_that_the_server_finds_is_a_page_too(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    async def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("intercup.web.requests.requests_of", fail)
    async with browser.get("/richieste", headers={"Accept": "text/html"}) as response:
        assert response.status == 400
        page = html.document_fromstring(await response.text())
    assert page.xpath("string(//h1)") == TEXTS("title.400")


async def test_a_limit_says_how_long_to_wait(browser: Browser) -> None:
    _, headers, _ = await provoke(browser, 429, "text/html")
    assert int(headers["Retry-After"]) > 0


async def test_a_wrong_method_says_which_is_right(browser: Browser) -> None:
    _, headers, _ = await provoke(browser, 405, "text/html")
    assert headers["Allow"] == "POST"


async def test_a_broken_page_can_be_asked_again(browser: Browser) -> None:
    _, _, text = await provoke(browser, 500, "text/html")
    page = html.document_fromstring(text)
    assert page.xpath("//main//a[contains(@class, 'btn-primary')]/@href") == [""]  # the same page
    assert "Agata" in text  # still logged in


async def test_a_failure_shows_the_id_under_which_it_is_logged(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "intercup.access"):
        _, headers, text = await provoke(browser, 404, "text/html")
    trace = headers["X-Request-Id"]
    assert f"indichi questo codice: {trace} (errore 404)" in text
    async with browser.get("/regolamento?cf=RSSMRA80A01H501U") as response:
        assert response.headers["X-Request-Id"] != trace
    assert "RSSMRA80A01H501U" not in caplog.text
