"""Logins at the real web application: a browser starts one and posts the answer."""

import base64
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree, html

from intercup.identity.demo_request import Question
from intercup.identity.demo_response import failure
from intercup.identity.saml_xml import inflate, parse
from intercup.texts import TEXTS
from tests.support.saml_answering import Answering, Keys
from tests.support.web_service import Browser

IDP = "https://idp.example.it"


@dataclass(frozen=True)
class Started:
    """A login without an answer yet."""

    relay_state: str
    idp: Answering

    def signed(self) -> bytes:
        return self.idp.signed(self.idp.answer())

    def failed(self, code: int) -> bytes:
        return self.idp.signed(failure(self.idp.question, IDP, code, self.idp.now))

    def failed_by_anybody(self, code: int, keys: Keys | None) -> bytes:
        """Return a failure with a stranger's signature, or without one."""
        made = failure(self.idp.question, IDP, code, self.idp.now)
        return self.idp.signed(made, keys) if keys else etree.tostring(made)


@dataclass(frozen=True)
class Door:
    """A browser at the ACS, and the keys of both sides of an attack."""

    browser: Browser
    keys: Keys
    foreign_keys: Keys
    log: pytest.LogCaptureFixture

    async def begin(self, return_to: str = "/portale") -> Started:
        path = f"/spid/login?idp={IDP}&ritorno={return_to}"
        async with self.browser.get(path) as response:
            assert response.status == 302
            query = parse_qs(urlsplit(response.headers["Location"]).query)
        request_id = parse(inflate(query["SAMLRequest"][0])).get("ID", "")
        base_url, relay_state = self.browser.base_url, query["RelayState"][0]
        question = Question(request_id, relay_state, f"{base_url}/spid/acs", base_url)
        now = datetime.now(UTC)
        return Started(relay_state, Answering(question, IDP, self.keys, self.foreign_keys, now))

    async def bring(self, document: bytes, relay_state: str) -> tuple[int, str]:
        """Post an answer; return the status and the redirect, or the reason of the refusal."""
        return await self.bring_text(base64.b64encode(document).decode(), relay_state)

    async def bring_text(self, message: str, relay_state: str) -> tuple[int, str]:
        self.log.clear()
        self.log.set_level(logging.INFO)
        fields = {"SAMLResponse": message, "RelayState": relay_state}
        headers = {"Origin": IDP}
        async with self.browser.post("/spid/acs", data=fields, headers=headers) as response:
            body = await response.text()
            if response.status == 303:
                return 303, response.headers["Location"]
        reasons = [
            record.args[0]  # type: ignore[index]
            for record in self.log.records
            if record.msg == "login refused: %s"
        ]
        (reason,) = reasons or ["no reason"]
        if reasons:
            assert escape(TEXTS(f"login.{reason}"), quote=False)[:40] in _text_of(body)
        return response.status, str(reason)

    async def links_after(self, document: bytes, relay_state: str) -> list[str]:
        """Post an answer that is refused; return the links of the page's primary buttons."""
        message = base64.b64encode(document).decode()
        fields = {"SAMLResponse": message, "RelayState": relay_state}
        headers = {"Origin": IDP}
        async with self.browser.post("/spid/acs", data=fields, headers=headers) as response:
            assert response.status == 403
            page = html.document_fromstring(await response.text())
        return [str(target) for target in page.xpath("//main//a[@class='btn btn-primary']/@href")]

    async def is_logged_in(self) -> bool:
        async with self.browser.get("/portale") as response:
            return bool(response.status == 200)


def _text_of(page: str) -> str:
    return escape(" ".join(html.document_fromstring(page).text_content().split()), quote=False)
