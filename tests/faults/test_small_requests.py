"""One client's small requests and silent connections against the running web, beside another's."""

import asyncio
import base64
import gzip
import re
import resource
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select

from intercup.db.engine import Database
from intercup.db.tables import SpidExchange
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_response import identity_provider_metadata
from intercup.web.floods import DEMO_TIMES
from intercup.web.server import IDLE_LIMIT
from intercup.web.streams import OF_SESSION
from tests.faults.processes import Place, end
from tests.faults.visitor import BESIDE_MAX, Visitor
from tests.support.acs_door import IDP, Door
from tests.support.ports import free_port
from tests.support.saml_answering import Keys
from tests.support.web_service import Browser

FEW_FILES = ("sh", "-c", 'ulimit -n 1024; exec "$@"', "sh")
CONNECTIONS, STREAMS = 1_100, 2_000
MARKS = "\u0301\u0316"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Place]:
    """The web of all these tests, in a process that may open 1,024 files; nothing sends mails."""
    place = Place(tmp_path_factory.mktemp("web"), free_port())
    shutil.copy(sqlite_template, place.database_url.partition("///")[2])
    process = asyncio.run(place.start_web(before=FEW_FILES))
    yield place
    end(process)


@pytest.fixture(scope="module")
def slow_head(web: Place) -> Iterator[Future[float]]:
    """The seconds until a head that comes byte by byte is cut, beside the tests that wait too."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(asyncio.run, send_byte_by_byte(web.port))


async def send_byte_by_byte(port: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    with suppress(ConnectionError):
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.3)
            if reader.at_eof():
                break
    writer.close()
    return time.monotonic() - started


@pytest.fixture
async def own_web(place: Place, sqlite: Database) -> AsyncIterator[Place]:
    """A web of one test's own, whose register and log are empty."""
    process = await place.start_web()
    yield place
    end(process)


@pytest.fixture
def connections() -> Iterator[ExitStack]:
    """Room for many connections, which are closed at the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * STREAMS:
        pytest.skip(f"servono {2 * STREAMS} file aperti: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * STREAMS), hard))
    with ExitStack() as stack:
        yield stack
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def silent(web: Place, connections: ExitStack) -> list[socket.socket]:
    """Connections that say nothing, more than the web may have files."""
    return [connect(web, connections) for _ in range(CONNECTIONS)]


def connect(web: Place, connections: ExitStack) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", web.port))
    connection.setblocking(False)
    return connections.enter_context(connection)


@pytest.mark.usefixtures("slow_head")
async def test_silent_connections_keep_nobody_out_and_are_closed(
    web: Place, silent: list[socket.socket]
) -> None:
    visitor, started = Visitor(web.url), time.monotonic()
    async with visitor.beside(f"{CONNECTIONS} connessioni mute, con 1.024 file al massimo"):
        await asyncio.sleep(2)
    assert count_open(silent) <= 256
    while count_open(silent):
        assert time.monotonic() - started < IDLE_LIMIT + 10
        await asyncio.sleep(0.5)
    assert "open files: at most 1024" in web.log("web")


def count_open(connections: list[socket.socket]) -> int:
    """Count the connections that the other side has not closed."""
    still = 0
    for connection in connections:
        try:
            still += connection.recv(1) != b""
        except BlockingIOError:
            still += 1
        except ConnectionError:
            pass
    return still


@pytest.mark.parametrize("streams", [60, pytest.param(STREAMS, marks=pytest.mark.long)])
async def test_of_one_cookies_streams_a_handful_stay_open(
    web: Place, connections: ExitStack, streams: int
) -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as http, http.get(f"{web.url}/chat/session") as opened:
        cookie = opened.cookies["intercup"].value
    host = f"127.0.0.1:{web.port}"
    head = f"GET /chat/events HTTP/1.1\r\nHost: {host}\r\nCookie: intercup={cookie}\r\n\r\n"
    begun = []
    async with Visitor(web.url).beside(f"{streams} flussi di eventi con un solo cookie"):
        for _ in range(streams):
            connection = connect(web, connections)
            await loop.sock_sendall(connection, head.encode())
            if b"text/event-stream" in await loop.sock_recv(connection, 8_192):
                begun.append(connection)
        await asyncio.sleep(1)
    assert len(begun) > OF_SESSION
    assert sum(map(is_streaming, begun)) == OF_SESSION


def is_streaming(connection: socket.socket) -> bool:
    """Return True if a stream that has begun hasn't ended."""
    got = b""
    with suppress(BlockingIOError):
        while more := connection.recv(65_536):
            got += more
        return False
    return not got.endswith(b"0\r\n\r\n")


def test_a_head_that_comes_byte_by_byte_is_cut(slow_head: Future[float]) -> None:
    assert slow_head.result() < IDLE_LIMIT + 10


async def test_open_pages_go_on_beside_silent_connections(web: Place) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(f"{web.url}/chat/session") as opened:
            assert opened.status == 200
        async with http.get(f"{web.url}/chat/events") as events, asyncio.timeout(40):
            with ExitStack() as silent:
                for _ in range(300):  # more than one address may have
                    connection = socket.create_connection(("127.0.0.1", web.port))
                    silent.enter_context(connection)
                for _ in range(2):  # a comment at once, and one 15 s later
                    assert await events.content.readuntil(b"here\n\n")


async def test_bodies_that_are_packed_are_not_unpacked(web: Place) -> None:
    packed = gzip.compress(b"note=" + b"a" * 240_000_000)
    headers = FORM | {"Origin": web.url, "Content-Encoding": "gzip"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        Visitor(web.url).beside(f"un modulo compresso, {len(packed) // 1000} kB per 240 MB"),
        http.post(f"{web.url}/inoltra/anything", data=packed) as answer,
    ):
        assert answer.status == 415


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/inoltra/anything", "note=a" + MARKS * 60_000),
        ("/assistenza", "description=a" + MARKS * 20_000),
        ("/valutazione/motivo", "details=a" + MARKS * 60_000),
    ],
    ids=["note", "description", "details"],
)
async def test_a_form_full_of_marks_stops_nobody(web: Place, path: str, body: str) -> None:
    async with (
        aiohttp.ClientSession(headers=FORM | {"Origin": web.url}) as http,
        Visitor(web.url).beside(f"{len(body) // 1000}.000 segni combinanti a `{path}`"),
    ):
        start = time.monotonic()
        async with http.post(web.url + path, data=body.encode()) as answer:
            assert 400 <= answer.status < 500
        assert time.monotonic() - start < BESIDE_MAX


@pytest.mark.parametrize("failures", [30, pytest.param(300, marks=pytest.mark.long)])
async def test_failures_that_nobody_signed_fill_no_register(
    own_web: Place, sqlite: Database, failures: int, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(*create_key_and_certificate("idp", "idp", IDP, "demo", "Palermo", 30))
    providers = own_web.folder / "spid" / "providers"
    providers.mkdir(parents=True)
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", keys.certificate)
    (providers / "idp.xml").write_bytes(metadata)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        door = Door(Browser(http, own_web.url, sqlite), keys, keys, caplog)
        async with Visitor(own_web.url).beside(f"{failures} esiti SAML negativi senza firma"):
            for _ in range(failures):
                started = await door.begin()
                failed = base64.b64encode(started.failed_by_anybody(22, None)).decode()
                fields = {"SAMLResponse": failed, "RelayState": started.relay_state}
                async with http.post(f"{own_web.url}/spid/acs", data=fields) as answer:
                    assert answer.status == 403
    async with sqlite.read() as reading:
        assert await reading.scalar(select(func.count()).select_from(SpidExchange)) == 10
    assert "not kept since the start: 20 " in own_web.log("web")


@pytest.mark.parametrize("requests", [300, pytest.param(13_600, marks=pytest.mark.long)])
async def test_malformed_requests_fill_no_log_and_are_not_quoted(web: Place, requests: int) -> None:
    before = len(web.log("web"))
    secret = "agata.lopresti@example.it"
    flood = f"GET / HTTP/1.1\r\nHost: x\r\nCookie: a={secret}{'x' * 9_000}\r\n\r\n".encode()
    async with Visitor(web.url).beside(f"{requests} richieste malformate"):
        for _ in range(requests):
            reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
            writer.write(flood)
            with suppress(ConnectionError):
                answer = await reader.read()
                assert answer.startswith(b"HTTP/1.0 400")
                assert b"Server:" not in answer
            writer.close()
    log = web.log("web")[before:]
    assert secret not in log
    assert "xxxx" not in log
    assert "malformed request" in web.log("web")  # at most 20 lines a minute
    of_visitors = re.compile(r"^.* intercup\.access: GET /accessibilita 200 .*\n", re.MULTILINE)
    assert len(of_visitors.sub("", log)) < 10_000


@pytest.mark.long
async def test_one_client_opens_no_more_chats_by_calling_itself_otherwise(
    place: Place, sqlite: Database
) -> None:
    """320 visits of one address behind a proxy, which adds that address to what the client says."""
    limits = {"INTERCUP_HTTP_PROXIES": "1", "INTERCUP_CHATS_PER_HOUR_IP": str(300 // DEMO_TIMES)}
    process = await place.start_web(**limits)
    opened = 0
    async with Visitor(place.url).beside("320 chat da un indirizzo, ogni volta con un altro nome"):
        for number in range(320):
            # The first line is the client's own, the second the proxy's.
            own, seen = f"198.51.100.{number % 250}", f"203.0.113.7:{10_000 + number}"
            lines = [("X-Forwarded-For", own), ("X-Forwarded-For", seen)]
            async with (
                aiohttp.ClientSession(headers=lines) as http,
                http.get(f"{place.url}/chat/session") as answer,
            ):
                opened += answer.status == 200
    end(process)
    assert opened == 300
