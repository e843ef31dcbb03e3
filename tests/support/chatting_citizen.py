"""A citizen who chats with the running service over HTTP, like the widget."""

import asyncio
import re
import time
from html import unescape
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_plus, urljoin
from uuid import uuid4

import aiohttp

from intercup.log import TRACE_HEADER
from intercup.texts import TEXTS

MAIL_LIMIT = 20.0  # seconds


class ChattingCitizen:
    """One browser: its cookies and the last messages it got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[dict[str, Any]] = []
        self.retry = False
        self.trace = ""  # of the last message
        self.addresses: list[str] = []  # all that were asked for, and redirects as they came
        self._used_codes: set[str] = set()
        # The signature covers a SAML request's raw query: redirects must not be re-encoded.
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            requote_redirect_url=False,
            trace_configs=[_noting(self.addresses)],
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def log_in(self, name: str, back_to: str = "/portale") -> None:
        """Go through the demo identity provider as the test citizen with this name."""
        page, where = await self._get(f"{self.url}/accedi?ritorno={back_to}")
        page, where = await self._get(_link(page, "/spid/login", where))
        for button in (name, "Autorizza", "Continua"):
            page, where = await self._submit(page, button, where)
        assert where.startswith(f"{self.url}{back_to}"), where

    async def log_out(self) -> None:
        """Press "Esci"."""
        async with self._http.post(f"{self.url}/esci", headers={"Origin": self.url}) as response:
            assert response.status == 200, response.status

    async def choose_language(self, code: str) -> None:
        """Choose a language in the menu of the pages."""
        async with self._http.get(f"{self.url}/", params={"lingua": code}) as response:
            assert response.status == 200, response.status

    async def open(self, page: str = "home", structure: str | None = None) -> dict[str, Any]:
        """Open the chat on a page and return the session."""
        query = {"page": page} | ({"structure": structure} if structure else {})
        async with self._http.get(f"{self.url}/chat/session", params=query) as response:
            assert response.status == 200, await response.text()
            session: dict[str, Any] = await response.json()
        self.messages = session["messages"]
        return session

    async def say(self, text: str, id_: str | None = None) -> list[dict[str, Any]]:
        """Type a text."""
        return await self.post({"id": id_ or str(uuid4()), "text": text})

    async def press(self, title: str, id_: str | None = None) -> list[dict[str, Any]]:
        """Press the button, option or star with this title."""
        offers = self.offers
        assert title in offers, f"{title!r} is not offered; offered: {sorted(offers)}"
        return await self.post({"id": id_ or str(uuid4()), "payload": offers[title]})

    async def post(self, body: dict[str, str]) -> list[dict[str, Any]]:
        """Send a message and keep the answers."""
        async with self._http.post(
            f"{self.url}/chat/messages", json=body, headers={"Origin": self.url}
        ) as response:
            answer = await response.json()
            assert response.status == 200, answer
            self.trace = response.headers[TRACE_HEADER]
        self.messages = answer["messages"]
        self.retry = answer.get("retry", False)
        return self.messages

    async def upload(self, draft: str, name: str, content: bytes) -> None:
        """Add a file to the request whose summary has this mark."""
        form = aiohttp.FormData({"draft": draft})
        form.add_field("files", content, filename=name)
        async with self._http.post(
            f"{self.url}/chat/files", data=form, headers={"Origin": self.url}
        ) as response:
            assert response.status == 200, await response.text()

    @property
    def offers(self) -> dict[str, str]:
        """The currently offered buttons: payload by title."""
        return {
            title: payload for message in self.messages for title, payload in _choices_in(message)
        }

    @property
    def text(self) -> str:
        """All the last messages' texts."""
        return "\n".join(message["text"] for message in self.messages)

    @property
    def links(self) -> list[str]:
        """The titles of the links under the last messages."""
        return [link["title"] for message in self.messages for link in message["links"]]

    @property
    def input(self) -> dict[str, Any]:
        """The rich input of the last message; empty if there is none."""
        return self.messages[-1].get("input") or {}

    async def mails_about(self, number: str, count: int) -> list[dict[str, Any]]:
        """Wait until this many mails about a request are in the demo's mailbox."""
        deadline = time.monotonic() + MAIL_LIMIT
        found: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            async with self._http.get(f"{self.url}/demo/mailbox.json") as response:
                found = [mail for mail in await response.json() if number in mail["subject"]]
            if len(found) >= count:
                break
            await asyncio.sleep(0.2)
        return found

    async def code_sent_to(self, address: str) -> str:
        """Wait for the newest mail with a code to an address and return the code."""
        deadline = time.monotonic() + MAIL_LIMIT
        while time.monotonic() < deadline:
            async with self._http.get(f"{self.url}/demo/mailbox.json") as response:
                mails = [mail for mail in await response.json() if mail["rcpt"] == [address]]
            codes = [re.search(r"\b(\d{6})\b", mail["body"]) for mail in mails]
            new = [found[1] for found in codes if found and found[1] not in self._used_codes]
            if new:
                self._used_codes.add(new[0])
                return new[0]
            await asyncio.sleep(0.2)
        raise AssertionError(f"no code for {address}")

    async def history(self) -> list[dict[str, Any]]:
        """Reload the page and return everything that was said."""
        return (await self.open("portal"))["messages"]

    async def page(self, path: str) -> str:
        """Open a page and return its HTML."""
        return (await self._get(f"{self.url}{path}"))[0]

    async def post_page(self, path: str, **fields: str) -> str:
        """Post fields to a page and return the HTML of the page that follows."""
        async with self._http.post(
            f"{self.url}{path}", data=fields, headers={"Origin": self.url}
        ) as response:
            return await response.text()

    async def send_form(self, fields: dict[str, str]) -> str:
        """Fill in the plain form, send it and return the page that follows."""
        page, where = await self._get(f"{self.url}/assistenza")
        return (await self._submit(page, "Invia", where, fields))[0]

    async def send_form_again(self, page: str, fields: dict[str, str]) -> str:
        """Send the form of a page that asked something, and return the page that follows."""
        return (await self._submit(page, "Invia", f"{self.url}/assistenza", fields))[0]

    async def send_address(self, address: str) -> str:
        """Change the address on the plain pages and return the page that follows."""
        page, where = await self._get(f"{self.url}/recapito")
        page, where = await self._submit(page, "Manda il codice", where, {"email": address})
        code = {"code": await self.code_sent_to(address)}
        return (await self._submit(page, "Conferma l'indirizzo", where, code))[0]

    async def _get(self, url: str) -> tuple[str, str]:
        async with self._http.get(url) as response:
            return await response.text(), str(response.url)

    async def _submit(
        self, page: str, button: str, where: str, typed: dict[str, str] | None = None
    ) -> tuple[str, str]:
        """Submit the form that holds the button's text, as a browser would."""
        forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL | re.IGNORECASE)
        wanted = re.compile(f">[^<]*{re.escape(button)}")
        form = next((f for f in forms if wanted.search(unescape(f))), None)
        assert form, f"no form with {button!r} at {where}"
        fields = {
            unescape(name): unescape(value)
            for name, value in re.findall(
                r'<input[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"', form, re.DOTALL
            )
        }
        fields.update(_pressed_button(form, button))
        fields.update(typed or {})
        action = re.search(r'action="([^"]*)"', form)
        target = urljoin(where, unescape(action[1]) if action else where)
        method = self._http.post if re.search(r'method="post"', form, re.I) else self._http.get
        origin = "/".join(where.split("/")[:3])
        arguments: dict[str, Any] = {"headers": {"Origin": origin}}
        arguments["data" if method == self._http.post else "params"] = fields
        async with method(target, **arguments) as response:
            return await response.text(), str(response.url)


def _noting(addresses: list[str]) -> aiohttp.TraceConfig:
    """Return a watch on a session that adds each address to the list."""

    async def asked(_session: object, _context: object, what: Any) -> None:
        addresses.append(unquote_plus(str(what.url)))

    async def led_on(_session: object, _context: object, what: Any) -> None:
        addresses.append(unquote_plus(what.response.headers["Location"]))

    watch = aiohttp.TraceConfig()
    watch.on_request_start.append(asked)
    watch.on_request_redirect.append(led_on)
    return watch


def _pressed_button(form: str, text: str) -> dict[str, str]:
    """Return the form value of the button with this text."""
    for attributes, content in re.findall(r"<button\b([^>]*)>(.*?)</button>", form, re.DOTALL):
        if text not in unescape(content):
            continue
        name = re.search(r'name="([^"]*)"', attributes)
        value = re.search(r'value="([^"]*)"', attributes)
        return {unescape(name[1]): unescape(value[1]) if value else ""} if name else {}
    return {}


def _link(page: str, start: str, where: str) -> str:
    found = re.search(rf'href="({re.escape(start)}[^"]*)"', page)
    assert found, f"no link to {start} at {where}"
    return urljoin(where, unescape(found[1]))


def _choices_in(part: Any) -> list[tuple[str, str]]:
    if isinstance(part, list):
        return [choice for item in part for choice in _choices_in(item)]
    if not isinstance(part, dict):
        return []
    if "payload" in part:
        return [(part["title"], part["payload"])]
    return [choice for item in part.values() for choice in _choices_in(item)]


async def to_summary(
    citizen: ChattingCitizen, category: str, structure: str | None, description: str
) -> None:
    """Go from the menu to the summary by buttons and text."""
    await citizen.press(category)
    await citizen.press(structure or TEXTS("input.no_structure"))
    await citizen.say(description)
    await citizen.press(TEXTS("input.accept"))
    await citizen.press(TEXTS("input.accept"))


def number_in(text: str) -> str:
    """Return the request number in a text."""
    found = re.search(r"IC(-[0-9A-Z]{4}){3}", text)
    assert found, f"no number in: {text}"
    return found[0]
