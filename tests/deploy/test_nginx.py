"""The proxy's configuration in a real nginx, with two cells behind it."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from intercup.web.session_cookie import CITIZENS
from tests.support.delivering import until
from tests.support.nginx_proxy import FOLDER, HOST, TRUSTING, Proxy, running_nginx
from tests.support.ports import free_port

SECRET_PATHS = ("/inoltra/canarinogiallo", "/risposta/canarinogiallo")


@dataclass
class Cell:
    """A cell's web, which records the requests it gets."""

    got: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.got.append(request)
        return web.Response(text="pagina")

    async def hang(self, request: web.Request) -> web.Response:
        await asyncio.sleep(10)
        return web.Response()

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(3):
            await response.write(b"data: x\n\n")
            await asyncio.sleep(0.5)
        return response


@asynccontextmanager
async def running_cell() -> AsyncIterator[Cell]:
    cell, app = Cell(), web.Application()
    app.router.add_get("/chat/events", cell.events)
    app.router.add_get("/hang", cell.hang)
    app.router.add_route("*", "/{path:.*}", cell.answer)
    async with TestServer(app) as server:
        cell.url = f"127.0.0.1:{server.port}"
        yield cell


@pytest.fixture
async def cells() -> AsyncIterator[list[Cell]]:
    async with running_cell() as one, running_cell() as other:
        yield [one, other]


@pytest.fixture
async def proxy(tmp_path: Path, cells: list[Cell]) -> AsyncIterator[Proxy]:
    changes = {"proxy_read_timeout 30s": "proxy_read_timeout 1s"}
    async with running_nginx(tmp_path, [cell.url for cell in cells], changes) as proxy:
        yield proxy


def test_the_configuration_names_no_other_port_or_cookie_than_the_service() -> None:
    text = (FOLDER / "intercup.conf").read_text("utf-8")
    assert f"__Host-{CITIZENS}=" in text
    assert "127.0.0.1:8080" in text


async def test_a_session_stays_with_its_cell_and_sessions_spread(
    proxy: Proxy, cells: list[Cell]
) -> None:
    for session in range(20):
        for _ in range(3):
            cookie = {"Cookie": f"altro=1; __Host-intercup=s{session}"}
            async with proxy.get("/", headers=cookie) as response:
                assert response.status == 200
    held = [{r.cookies["__Host-intercup"] for r in cell.got} for cell in cells]
    assert not held[0] & held[1]
    assert all(held)


async def test_the_service_learns_the_address_and_the_id_of_a_request(
    proxy: Proxy, cells: list[Cell]
) -> None:
    async with proxy.get("/regolamento?cf=segreto", headers={"X-Forwarded-For": "1.2.3.4"}):
        pass
    (request,) = [request for cell in cells for request in cell.got]
    assert request.headers["X-Forwarded-For"] == "127.0.0.1"
    assert request.host == HOST
    log = proxy.folder / "intercup.log"
    await until(lambda: log.exists() and log.read_text("utf-8").endswith("\n"))
    (line,) = log.read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry["trace"] == request.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{4}-[0-9a-f]{4}", entry["trace"])
    assert (entry["path"], entry["status"]) == ("/regolamento", 200)
    assert "segreto" not in proxy.log()


async def test_a_link_that_grants_access_is_in_no_log(proxy: Proxy, cells: list[Cell]) -> None:
    for path in SECRET_PATHS:
        async with proxy.get(path) as response:
            assert response.status == 200
    await asyncio.sleep(0.2)
    assert "canarinogiallo" not in proxy.log()


async def test_events_come_at_once(proxy: Proxy) -> None:
    began = time.monotonic()
    async with proxy.get("/chat/events") as response:
        assert await response.content.readline() == b"data: x\n"
    assert time.monotonic() - began < 0.4


async def test_without_tls_one_is_led_to_tls(proxy: Proxy) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{proxy.plain_port}/assistenza"
        async with http.get(url, headers={"Host": HOST}, allow_redirects=False) as response:
            assert response.status == 308
            assert response.headers["Location"] == f"https://{HOST}/assistenza"


async def test_a_flood_gets_an_italian_page_with_a_code(proxy: Proxy) -> None:
    async def status_and_text() -> tuple[int, str]:
        async with proxy.get("/") as response:
            return response.status, await response.text()

    found = await asyncio.gather(*(status_and_text() for _ in range(180)))
    refused = [text for status, text in found if status == 429]
    assert refused
    assert all("<h1>Troppe richieste</h1>" in text for text in refused)
    assert all(re.search(r"codice: [0-9a-f]{4}-[0-9a-f]{4} \(errore 429", t) for t in refused)
    assert {status for status, _ in found} == {200, 429}


async def test_a_cell_that_is_down_is_replaced_and_none_gives_an_italian_page(
    tmp_path: Path,
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    async with running_cell() as cell, running_nginx(tmp_path, [dead, cell.url]) as proxy:
        for _ in range(5):
            async with proxy.get("/") as response:
                assert response.status == 200
    (tmp_path / "2").mkdir()
    async with running_nginx(tmp_path / "2", [dead]) as proxy, proxy.get("/") as response:
        assert response.status == 502
        await check_page(response, "Servizio in riavvio")


async def test_a_cell_that_hangs_gives_a_page_of_its_own(proxy: Proxy) -> None:
    async with proxy.get("/hang") as response:
        assert response.status == 504
        await check_page(response, "Risposta in ritardo")


async def test_a_form_with_files_passes_as_it_comes_up_to_a_size(
    proxy: Proxy, cells: list[Cell]
) -> None:
    url, headers = f"https://127.0.0.1:{proxy.port}/assistenza", {"Host": HOST}

    async def body() -> AsyncIterator[bytes]:
        yield bytes(600_000)
        async with asyncio.timeout(5):
            while not any(cell.got for cell in cells):  # noqa: ASYNC110 (nginx brings it)
                await asyncio.sleep(0.01)
        yield bytes(19_400_000)

    async with aiohttp.ClientSession(headers=headers) as http:
        length = {"Content-Length": "20000000"}
        async with http.post(url, data=body(), headers=length, ssl=TRUSTING) as response:
            assert response.status == 200
        length = {"Content-Length": str(34 << 20)}
        async with http.post(url, data=b"", headers=length, ssl=TRUSTING) as response:
            assert response.status == 413
            assert "ogni allegato 5 MB" in await response.text()
    (request,) = [request for cell in cells for request in cell.got]
    assert request.content_length == 20_000_000


async def check_page(response: aiohttp.ClientResponse, heading: str) -> None:
    text = await response.text()
    assert f"<h1>{heading}</h1>" in text
    assert f"codice: {response.headers['X-Request-Id']} (errore {response.status})" in text
    assert response.headers["Retry-After"] == "30"


@pytest.mark.parametrize(("path", "outcome"), [("/assistenza", {200}), ("/esci", {200, 502})])
async def test_only_a_post_with_a_key_is_repeated_when_a_cell_dies(
    tmp_path: Path, path: str, outcome: set[int]
) -> None:
    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    dying = await asyncio.start_server(die, "127.0.0.1", port := free_port())
    statuses = set()
    async with (
        dying,
        running_cell() as cell,
        running_nginx(tmp_path, [f"127.0.0.1:{port}", cell.url]) as proxy,
        aiohttp.ClientSession() as http,
    ):
        for session in range(12):
            headers = {"Host": HOST, "Cookie": f"__Host-intercup=s{session}"}
            url = f"https://127.0.0.1:{proxy.port}{path}"
            async with http.post(url, headers=headers, data="x=1", ssl=TRUSTING) as response:
                statuses.add(response.status)
    assert statuses == outcome
