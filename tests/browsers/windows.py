"""Windows of browsers that Playwright doesn't drive, each by its own protocol."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from tests.support.ports import free_port

START = 60.0  # seconds for a browser to listen
ANSWER = 60.0  # seconds for one answer
WEBKIT = Path("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser")


class Window(Protocol):
    """One window of a browser."""

    async def go(self, url: str) -> None: ...

    async def text(self, script: str) -> str:
        """Evaluate an expression, a promise of a string."""
        ...


class Socket:
    """Numbered questions and answers over a web socket, as CDP and WebDriver BiDi have them."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._ids = socket, count(1)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        id_ = next(self._ids)
        await self._socket.send_json({"id": id_, "method": method, "params": params})
        async with asyncio.timeout(ANSWER):
            while True:
                answer = json.loads(await self._socket.receive_str())
                if answer.get("id") == id_:
                    assert "result" in answer, answer
                    return dict(answer["result"])


class Cdp:
    """Chromium's own protocol, as of 2018."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def go(self, url: str) -> None:
        await self._socket.ask("Page.navigate", url=url)

    async def text(self, script: str) -> str:
        answer = await self._socket.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        return str(answer["result"].get("value"))


class Bidi:
    """WebDriver BiDi. Source: https://w3c.github.io/webdriver-bidi/."""

    def __init__(self, socket: Socket, context: str) -> None:
        self._socket, self._context = socket, context

    async def go(self, url: str) -> None:
        await self._socket.ask("browsingContext.navigate", context=self._context, url=url)

    async def text(self, script: str) -> str:
        target = {"context": self._context}
        answer = await self._socket.ask(
            "script.evaluate", expression=script, target=target, awaitPromise=True
        )
        return str(answer.get("result", {}).get("value"))


class WebDriver:
    """Classic WebDriver over HTTP. Source: https://www.w3.org/TR/webdriver2/."""

    def __init__(self, http: aiohttp.ClientSession, session: str) -> None:
        self._http, self._session = http, session

    async def go(self, url: str) -> None:
        await self._ask("url", {"url": url})

    async def text(self, script: str) -> str:
        asked = f"const done = arguments[0]; ({script}).then(done, (error) => done(String(error)));"
        return str(await self._ask("execute/async", {"script": asked, "args": []}))

    async def _ask(self, command: str, body: dict[str, Any]) -> Any:
        async with self._http.post(f"{self._session}/{command}", json=body) as response:
            return (await response.json())["value"]


@asynccontextmanager
async def chromium_70(program: Path) -> AsyncIterator[Window]:
    """Open the oldest Chromium of the list, from October 2018."""
    port = free_port()
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--single-process")
    async with _process(program, *flags, f"--remote-debugging-port={port}", "about:blank") as http:
        (target,) = await _when_there(http, f"http://127.0.0.1:{port}/json/list")
        async with http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            yield Cdp(Socket(socket))


@asynccontextmanager
async def firefox(program: Path) -> AsyncIterator[Window]:
    """Open Firefox; it speaks BiDi without a driver."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ("--headless", "--profile", profile, f"--remote-debugging-port={port}")
        async with _process(program, *flags, "about:blank") as http:
            await _when_there(http, f"http://127.0.0.1:{port}/", is_json=False)
            url = f"ws://127.0.0.1:{port}/session"
            async with http.ws_connect(url, max_msg_size=0) as connection:
                socket = Socket(connection)
                await socket.ask("session.new", capabilities={})
                tree = await socket.ask("browsingContext.getTree")
                yield Bidi(socket, tree["contexts"][0]["context"])


@asynccontextmanager
async def webkit(program: Path) -> AsyncIterator[Window]:
    """Open WebKitGTK's small browser, which needs a screen."""
    port = free_port()
    options = {"binary": str(WEBKIT), "args": ["--automation"]}
    wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
    async with _screen() as screen, _process(program, f"--port={port}", DISPLAY=screen) as http:
        driver = f"http://127.0.0.1:{port}"
        await _when_there(http, f"{driver}/status")
        async with http.post(f"{driver}/session", json=wanted) as response:
            session = (await response.json())["value"]
        place = f"{driver}/session/{session['sessionId']}"
        yield WebDriver(http, place)
        async with http.delete(place):
            pass


@asynccontextmanager
async def _screen() -> AsyncIterator[str]:
    """Start a screen in memory; give its name."""
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        "Xvfb", "-displayfd", str(writing), pass_fds=(writing,), stderr=asyncio.subprocess.DEVNULL
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{(await asyncio.to_thread(number.readline)).strip()}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _process(
    *command: str | Path, **environment: str
) -> AsyncIterator[aiohttp.ClientSession]:
    """Run a browser for as long as it is used; give the client to speak to it."""
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environment, stdout=nowhere, stderr=nowhere
    )
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER)) as http:
            yield http
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _when_there(http: aiohttp.ClientSession, url: str, *, is_json: bool = True) -> Any:
    async with asyncio.timeout(START):
        while True:
            try:
                async with http.get(url) as response:
                    answer = json.loads(await response.text()) if is_json else True
                    if answer:
                        return answer
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.2)
