"""Input of the chat: anything unexpected is a 4xx with an Italian sentence, never a 5xx."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from intercup.db.tables import ChatMessage
from intercup.web import body
from tests.support.made_requests import AGATA, ROSARIO, count
from tests.support.web_service import Browser, Service

ID = "3f2c1a52-6c1e-4d34-9d4e-0d4a5b6c7d8e"
GOOD = json.dumps({"id": ID, "text": "ciao"}).encode()
JSON = "application/json"


async def send(
    browser: Browser, body: bytes, content_type: str = JSON, **headers: str
) -> tuple[int, Any]:
    headers = {"Content-Type": content_type} | headers
    async with browser.post("/chat/messages", data=body, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"ciao"',
        b"{",
        b"\xff\xfe",
        b'{"id": "' + ID.encode() + b'", "text": "\xe8"}',
        b'\xef\xbb\xbf{"id": "' + ID.encode() + b'", "text": "ciao"}',
        b"[" * 8_000,
        b'{"a":' * 3_000,
        b"9" * 5_000,
        b'{"id": ' + b"9" * 5_000 + b', "text": "ciao"}',
        b'{"id": NaN, "text": "ciao"}',
        b'{"id": 1e999, "text": "ciao"}',
        json.dumps({"id": "x", "text": "ciao"}).encode(),
        json.dumps({"id": ID}).encode(),
        json.dumps({"text": "ciao"}).encode(),
        json.dumps({"id": ID, "text": "ciao", "payload": "/affirm"}).encode(),
        json.dumps({"id": ID, "text": None, "payload": None}).encode(),
        json.dumps({"id": ID, "text": 5}).encode(),
        json.dumps({"id": ID, "text": ["ciao"]}).encode(),
        json.dumps({"id": ID, "text": "ciao", "sender": "altro"}).encode(),
        json.dumps({"id": ID, "text": ""}).encode(),
        json.dumps({"id": ID, "text": " \u200b\u202e\x00 "}).encode(),
        json.dumps({"id": ID, "text": "\ud800"}).encode(),
        json.dumps({"id": ID, "payload": "\udfff"}).encode(),
        json.dumps({"id": ID, "payload": "/affirm"}).encode(),
        json.dumps({"id": ID, "payload": ""}).encode(),
        json.dumps({"id": ID, "text": "x" * 2_001}).encode(),
        json.dumps({"id": ID, "text": "x" * 9_000}).encode(),
        json.dumps({"id": "00000000-0000-0000-0000-000000000000", "text": "ciao"}).encode(),
    ],
    ids=lambda body: repr(body[:24]),
)
async def test_a_body_that_is_no_message_is_refused_in_italian(
    browser: Browser, body: bytes
) -> None:
    await browser.open_chat()
    before = await count(browser.database, ChatMessage)
    status, answer = await send(browser, body)
    assert status in (409, 413, 422)
    assert answer["message"][-1] == "."
    assert await count(browser.database, ChatMessage) == before


async def test_a_body_of_more_than_16_kb_is_refused(browser: Browser) -> None:
    await browser.open_chat()
    status, answer = await send(browser, GOOD + b" " * 16_384)
    assert (status, answer["error"]) == (413, "too_large")


async def test_a_body_of_unknown_length_is_refused_beyond_16_kb_too(browser: Browser) -> None:
    await browser.open_chat()

    async def parts() -> AsyncIterator[bytes]:
        yield GOOD
        yield b" " * 16_384

    headers = {"Content-Type": JSON}
    async with browser.post("/chat/messages", data=parts(), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "text/plain; application/json",
        "application/jsonp",
    ],
)
async def test_another_content_type_is_refused(browser: Browser, content_type: str) -> None:
    await browser.open_chat()
    status, answer = await send(browser, GOOD, content_type)
    assert (status, answer["error"]) == (422, "bad_request")


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(browser: Browser) -> None:
    await browser.open_chat()
    status, _ = await send(browser, GOOD, **{"Content-Encoding": "gzip"})
    assert 400 <= status < 500


async def test_a_slow_body_is_cut(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_TIMEOUT", 0.2)
    await browser.open_chat()

    async def slow() -> Any:
        yield GOOD[:5]
        await asyncio.sleep(1)
        yield GOOD[5:]

    headers = {"Content-Type": JSON}
    async with browser.post("/chat/messages", data=slow(), headers=headers) as response:
        assert response.status == 422


async def test_a_message_without_a_session_is_refused(browser: Browser) -> None:
    status, answer = await send(browser, GOOD)
    assert (status, answer["error"]) == (401, "not_authenticated")


@pytest.mark.both_databases
async def test_opening_the_chat_gives_a_welcome_once(browser: Browser) -> None:
    first = await browser.open_chat()
    assert first["authenticated"] is False
    assert [message["from"] for message in first["messages"]] == ["bot"]
    again = await browser.open_chat()
    assert again["messages"] == first["messages"]
    assert again["conversation"] == first["conversation"]


async def test_the_session_cookie_is_out_of_reach_of_scripts(browser: Browser) -> None:
    async with browser.get("/chat/session") as response:
        cookie = response.headers["Set-Cookie"].lower()
    assert cookie.startswith("intercup=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


async def test_after_login_the_chat_knows_the_name_and_no_more(browser: Browser) -> None:
    await browser.log_in(AGATA)
    opened = await browser.open_chat("portal")
    assert (opened["authenticated"], opened["citizen"]) == (True, {"name": "Agata"})
    assert AGATA.email not in json.dumps(opened)
    assert AGATA.person_key not in json.dumps(opened)


@pytest.mark.both_databases
async def test_without_rasa_the_message_is_kept_and_other_ways_are_shown(browser: Browser) -> None:
    await browser.open_chat()
    status, answer = await browser.say("non riesco a entrare")
    assert (status, answer["retry"]) == (200, True)
    (message,) = answer["messages"]
    assert "intercup@regione.sicilia.it" in message["text"]
    assert "/assistenza" in [link["href"] for link in message["links"]]
    kept = (await browser.open_chat())["messages"]
    assert kept[-1]["text"] == "non riesco a entrare"
    assert kept[-1]["from"] == "citizen"


async def test_another_browser_cannot_read_the_chat(service: Service) -> None:
    async with service.browser(AGATA) as agata, service.browser(ROSARIO) as rosario:
        opened = await agata.open_chat("portal")
        await agata.say("un segreto di Agata")
        other = await rosario.open_chat("portal")
        assert other["conversation"] != opened["conversation"]
        assert "segreto" not in json.dumps(other)


@pytest.mark.both_databases
async def test_the_same_message_id_in_two_chats_is_two_messages(service: Service) -> None:
    async with service.browser() as one, service.browser() as two:
        for browser in (one, two):
            await browser.open_chat()
            status, _ = await browser.say("ciao a tutti", ID)
            assert status == 200
        assert (await two.open_chat())["messages"][-1]["text"] == "ciao a tutti"


@pytest.mark.both_databases
async def test_a_forgotten_chat_starts_anew(browser: Browser) -> None:
    first = await browser.open_chat()
    await browser.say("da dimenticare")
    async with browser.post("/chat/forget", json={}) as response:
        assert response.status == 200
        fresh = await response.json()
    assert fresh["conversation"] != first["conversation"]
    assert len(fresh["messages"]) == 1
    assert await count(browser.database, ChatMessage) == 1
    assert (await browser.open_chat())["conversation"] == fresh["conversation"]


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/forget", "/chat/events"])
async def test_a_session_that_ended_has_no_chat(service: Service, path: str) -> None:
    async with service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        browser.session.cookie_jar.clear()
        method = browser.get if path.endswith("events") else browser.post
        body = {"id": ID, "text": "ciao"} if path.endswith("messages") else {}
        more = {} if path.endswith("events") else {"json": body}
        async with method(path, **more) as response:
            assert response.status == 401
