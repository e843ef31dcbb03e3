"""The cookies that the public gets. Source: RELIABILITY, rule 11."""

import base64
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.identity.demo_request import Question
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.register_seal import add_key
from intercup.identity.saml_xml import inflate, parse
from intercup.services.ids import hash_of
from intercup.services.login.schemes import make_certificate
from intercup.services.login.sessions import find_session
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.web.app import create_app
from tests.support.acs_door import IDP
from tests.support.ports import free_port
from tests.support.saml_answering import Answering, Keys
from tests.support.web_service import Service

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)

HOST = "intercup.example.it"
BASE_URL = f"https://{HOST}"


@dataclass
class Public:
    """The service in production, behind a proxy that has ended TLS; cookies are kept by hand."""

    url: str
    database: Database
    http: aiohttp.ClientSession
    keys: Keys

    async def ask(
        self, method: str, path: str, cookies: dict[str, str] | None = None, **more: Any
    ) -> tuple[aiohttp.ClientResponse, dict[str, Morsel[str]]]:
        headers = {"Host": HOST, "Origin": more.pop("origin", BASE_URL)}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        url = self.url + path
        async with self.http.request(
            method, url, headers=headers, allow_redirects=False, **more
        ) as response:
            await response.read()
        set_now: dict[str, Morsel[str]] = {}
        for header in response.headers.getall("Set-Cookie", []):
            set_now.update(SimpleCookie(header))
        return response, set_now

    async def log_in(
        self, cookies: dict[str, str]
    ) -> tuple[dict[str, Morsel[str]], dict[str, Morsel[str]]]:
        """Return the cookies set at the start and at the end."""
        response, pending = await self.ask("GET", f"/spid/login?idp={IDP}", cookies)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        request_id = parse(inflate(query["SAMLRequest"][0])).get("ID", "")
        relay_state = query["RelayState"][0]
        question = Question(request_id, relay_state, f"{BASE_URL}/spid/acs", BASE_URL)
        idp = Answering(question, IDP, self.keys, self.keys, datetime.now(UTC))
        message = base64.b64encode(idp.signed(idp.answer())).decode()
        # The post comes from the provider's site: only the SameSite=None cookie comes along.
        brought = {name: morsel.value for name, morsel in pending.items()}
        fields = {"SAMLResponse": message, "RelayState": relay_state}
        response, fresh = await self.ask("POST", "/spid/acs", brought, data=fields, origin=IDP)
        assert (response.status, response.headers["Location"]) == (303, "/portale")
        return pending, fresh


@pytest.fixture
async def public(
    database: Database, database_url: str, directory: Directory, tmp_path: Path, idp_keys: Keys
) -> AsyncIterator[Public]:
    (tmp_path / "secret.key").write_text("k" * 32)
    settings = Settings(
        profile="production",
        base_url=BASE_URL,
        data_dir=tmp_path,
        database_url=database_url,
        secret_key_file=tmp_path / "secret.key",
        smtp_url="smtps://relay.example.it",
        mail_from="assistenza@example.it",
        rasa_url=f"http://127.0.0.1:{free_port()}",
    )
    folder, key, certificate = (
        settings.spid_providers_dir,
        settings.spid_key_file,
        settings.spid_certificate_file,
    )
    register = settings.spid_register_key_file
    assert folder and key and certificate and register
    folder.mkdir(parents=True)
    make_certificate(settings, key, certificate, 30)
    add_key(register)
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", idp_keys.certificate)
    (folder / "idp.xml").write_bytes(metadata)
    server = TestServer(create_app(settings, database, Structures(directory)))
    await server.start_server()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Public(str(server.make_url("")).rstrip("/"), database, http, idp_keys)
    await server.close()


def attributes(morsel: Morsel[str]) -> dict[str, Any]:
    names = ("secure", "httponly", "samesite", "path", "domain")
    return {name: morsel[name] for name in names}


GUARDED = {"secure": True, "httponly": True, "path": "/", "domain": ""}


async def test_the_session_cookie_is_bound_to_the_host_and_out_of_reach(public: Public) -> None:
    _, cookies = await public.ask("GET", "/chat/session")
    assert list(cookies) == ["__Host-intercup"]
    assert attributes(cookies["__Host-intercup"]) == GUARDED | {"samesite": "Lax"}
    assert len(cookies["__Host-intercup"].value) >= 43


async def test_a_login_gives_a_new_cookie_and_ends_the_old_session(public: Public) -> None:
    _, before = await public.ask("GET", "/chat/session")
    old = before["__Host-intercup"].value

    pending, fresh = await public.log_in({"__Host-intercup": old})

    login = pending["__Host-intercup-login"]
    assert attributes(login) == GUARDED | {"samesite": "None"}
    session = fresh["__Host-intercup"]
    assert attributes(session) == GUARDED | {"samesite": "Lax"}
    assert session.value != old
    assert await find_session(public.database, old, time.time()) is None
    found = await find_session(public.database, session.value, time.time())
    assert found is not None
    assert found.id_hash == hash_of(session.value)
    assert found.conversation_id is not None, "the chat goes on"


async def test_the_demo_name_of_the_cookie_is_nobody_here(public: Public) -> None:
    _, fresh = await public.log_in({})
    value = fresh["__Host-intercup"].value
    for name, status in (("intercup", 303), ("__Host-intercup", 200)):
        response, _ = await public.ask("GET", "/portale", {name: value})
        assert response.status == status


async def test_a_logout_takes_the_cookie_away(public: Public) -> None:
    _, fresh = await public.log_in({})
    cookie = {"__Host-intercup": fresh["__Host-intercup"].value}
    response, gone = await public.ask("POST", "/esci", cookie)
    assert response.status == 303
    assert gone["__Host-intercup"]["max-age"] == "0"
    assert attributes(gone["__Host-intercup"]) == GUARDED | {"samesite": "Lax"}
    response, _ = await public.ask("GET", "/portale", cookie)
    assert response.status == 303


async def test_the_demo_has_no_routes_here(public: Public) -> None:
    for path in ("/demo/mailbox", "/demo/mailbox.json"):
        response, _ = await public.ask("GET", path)
        assert response.status == 404


async def test_browsers_are_told_to_come_back_over_tls(public: Public, service: Service) -> None:
    answer, _ = await public.ask("GET", "/accessibilita")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    async with service.browser() as browser, browser.get("/accessibilita") as demo:
        assert "Strict-Transport-Security" not in demo.headers
