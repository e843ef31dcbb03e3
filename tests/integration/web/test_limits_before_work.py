"""Oversized input is refused before any work on it."""

import asyncio
import gzip
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from urllib.parse import quote

import aiohttp
import pytest
from PIL import Image

from intercup.domain.normalise import TEXT_MAX
from intercup.domain.request import DESCRIPTION_MAX
from intercup.web import upload
from tests.support.made_requests import AGATA, TEXT
from tests.support.web_service import FIELDS, Browser, Service

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MARKS = "\u0301\u0316"
USUAL = 0.5  # seconds of another request, on a busy machine; it was 3 to 17
TEXT_FIELDS = {
    "/inoltra/qualcosa": "note",
    "/assistenza": "description",
    "/richieste/qualcosa": "addition",
    "/valutazione/motivo": "details",
    "/recapito": "email",
    "/recapito/codice": "code",
    "/spid/acs": "RelayState",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture(scope="module")
def packed() -> bytes:
    """A description of 100 MB in 100 kB."""
    return gzip.compress(b"description=" + b"a" * 100_000_000, 1)


@asynccontextmanager
async def another_visitor(service: Service) -> AsyncIterator[Callable[[], float]]:
    """Open a page again and again; gives the longest time that it took."""
    longest = 0.0

    async def visit() -> None:
        nonlocal longest
        async with service.browser() as other:
            while True:
                start = time.monotonic()
                async with other.get("/accessibilita") as response:
                    await response.read()
                longest = max(longest, time.monotonic() - start)
                await asyncio.sleep(0.01)

    visiting = asyncio.create_task(visit())
    await asyncio.sleep(0.2)
    longest = 0.0
    yield lambda: longest
    visiting.cancel()


async def status_of(browser: Browser, path: str, body: bytes, **headers: str) -> int:
    async with browser.post(path, data=body, headers=FORM | headers) as response:
        text = await response.text()
        assert "." in text
        return int(response.status)


@pytest.mark.parametrize("path", TEXT_FIELDS)
@pytest.mark.parametrize("pairs", [60_000, 5_000, 3_000])
async def test_a_long_run_of_marks_stops_nobody(service: Service, path: str, pairs: int) -> None:
    body = f"{TEXT_FIELDS[path]}=".encode() + ("a" + MARKS * pairs).encode()
    async with service.browser(AGATA) as browser, another_visitor(service) as longest:
        assert 400 <= await status_of(browser, path, body) < 500
        assert longest() < USUAL


async def test_a_form_with_more_bytes_than_any_needs_is_refused_before_it_is_read(
    service: Service,
) -> None:
    async with service.browser(AGATA) as browser:
        assert await status_of(browser, "/assistenza", b"description=" + b"a" * 70_000) == 413


async def test_a_field_with_more_characters_than_any_text_needs_is_refused(
    service: Service,
) -> None:
    async with service.browser(AGATA) as browser:
        for path, field in TEXT_FIELDS.items():
            body = f"{field}={'a' * (TEXT_MAX + 1)}".encode()
            expected = 422 if field == "description" else 413
            assert await status_of(browser, path, body) == expected, path


async def test_a_description_that_is_much_too_long_comes_back_whole(service: Service) -> None:
    text = "troppo lungo " * 1_000
    async with (
        service.browser(AGATA) as browser,
        browser.post("/assistenza", data=FIELDS | {"description": text}) as response,
    ):
        page = await response.text()
        assert response.status == 422
        assert text in page
        assert 'href="#description"' in page


async def test_the_longest_description_of_the_widest_characters_is_taken(service: Service) -> None:
    text = "\U0001f468" * DESCRIPTION_MAX
    async with (
        service.browser(AGATA) as browser,
        browser.post("/assistenza", data=FIELDS | {"description": text}) as response,
    ):
        assert response.status == 303


async def test_a_form_of_very_many_fields_is_refused(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        assert await status_of(browser, "/assistenza", b"&".join([b"a=1"] * 1_000)) == 422


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "Identity, gzip"])
@pytest.mark.parametrize("path", ["/assistenza", "/chat/messages", "/spid/acs", "/nowhere"])
async def test_a_compressed_body_is_not_unpacked(
    service: Service, packed: bytes, path: str, encoding: str
) -> None:
    async with service.browser(AGATA) as browser, another_visitor(service) as longest:
        assert await status_of(browser, path, packed, **{"Content-Encoding": encoding}) == 415
        assert longest() < USUAL


async def test_three_large_files_stop_nobody(service: Service) -> None:
    form = aiohttp.FormData(FIELDS)
    for number in range(3):  # noise isn't packed: almost 5 MB each
        noise = Image.frombytes("RGB", (1280, 1280), os.urandom(1280 * 1280 * 3))
        noise.save(file := BytesIO(), "PNG", compress_level=1)
        file.seek(0)
        form.add_field("files", file, filename=f"{number}.png")
    async with service.browser(AGATA) as browser, another_visitor(service) as longest:
        async with browser.post("/assistenza", data=form) as response:
            assert response.status == 303
        assert longest() < USUAL


async def test_whoever_is_not_logged_in_holds_no_upload_open(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "BODY_TIMEOUT", 0.2)
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    begun = part.format("description", TEXT) + part.format('files"; filename="a.png', "")

    async def body() -> AsyncIterator[bytes]:
        yield begun.encode()
        for _ in range(100):
            await asyncio.sleep(0.05)
            yield bytes(9)

    async with service.browser() as browser:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        began = time.monotonic()
        async with browser.post("/assistenza", data=body(), headers=headers) as response:
            assert (response.status, TEXT in await response.text()) == (401, True)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("path", ["/", "/chat/session", "/nowhere", "/health", "/static/pages.css"])
async def test_no_answer_tells_the_versions_of_the_server(service: Service, path: str) -> None:
    async with service.browser() as browser, browser.get(path) as response:
        assert "Server" not in response.headers


@pytest.mark.parametrize("path", ["/prenota?structure=", "/accedi?ritorno=", "/spid/login?idp="])
async def test_a_query_of_marks_stops_nobody(service: Service, path: str) -> None:
    query = path + quote("a" + MARKS * 300)
    async with (
        service.browser() as browser,
        another_visitor(service) as longest,
        browser.get(query) as response,
    ):
        assert response.status < 500
        assert longest() < USUAL
