"""The demo identity provider: loopback only, test citizens only, and not SPID."""

import asyncio
import base64
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from lxml import etree

from intercup.administration import administration
from intercup.errors import ConfigurationError
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_citizens import ANOMALIES, CITIZENS, DemoCitizen
from intercup.identity.demo_request import Question, read_question
from intercup.identity.demo_response import (
    failure,
    identity_provider_metadata,
    sign,
    success,
)
from intercup.identity.errors import LoginRefused
from intercup.identity.providers import DEMO_NAME
from intercup.identity.saml_xml import MAX_MESSAGE

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OPEN_LOGINS = 200  # older ones are forgotten
CERTIFICATE_DAYS = 30
METADATA_TIMEOUT = aiohttp.ClientTimeout(total=5.0)  # seconds
CONSENT_DENIED = 22
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)


@dataclass(frozen=True)
class OpenLogin:
    """A login between its first page and its answer."""

    question: Question
    citizen: DemoCitizen | None = None


class DemoIdentityProvider:
    """The pages, and the open logins in memory by opaque id."""

    def __init__(self, base_url: str, sp_metadata_url: str, keys: tuple[str, str]) -> None:
        self._base_url = base_url
        self._sp_metadata_url = sp_metadata_url
        self._logins: dict[str, OpenLogin] = {}
        self._key, self._certificate = keys
        self.metadata = identity_provider_metadata(base_url, self._sso_url, self._certificate)
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, auto_reload=False
        )
        self._pages = {
            name: environment.get_template(f"demo_{name}.html")
            for name in ("base", "citizens", "consent", "answer", "problem")
        }

    @property
    def _sso_url(self) -> str:
        return f"{self._base_url}/sso"

    async def show_metadata(self, request: web.Request) -> web.Response:
        return web.Response(body=self.metadata, content_type="application/samlmetadata+xml")

    async def choose_citizen(self, request: web.Request) -> web.Response:
        """Show the test citizens to a browser that brings a valid AuthnRequest."""
        try:
            sp_metadata = await self._sp_metadata()
            raw_query = request.raw_path.partition("?")[2]
            question = read_question(raw_query, sp_metadata, self._sso_url)
        except (aiohttp.ClientError, TimeoutError):
            return self._problem(502, "Il servizio che chiede l'accesso non risponde.")
        except LoginRefused as error:
            logger.warning("A request was refused: %s", error)
            return self._problem(400, "La richiesta di accesso non è valida.")
        login_id = secrets.token_urlsafe(32)
        self._logins[login_id] = OpenLogin(question)
        if len(self._logins) > OPEN_LOGINS:
            del self._logins[next(iter(self._logins))]
        return self._page("citizens", login=login_id, citizens=CITIZENS, anomalies=ANOMALIES)

    async def ask_consent(self, request: web.Request) -> web.Response:
        """Show the chosen citizen's data before they are sent."""
        form = await request.post()
        login_id, chosen = str(form.get("login", "")), str(form.get("citizen", ""))
        login = self._logins.get(login_id)
        if login is None or not (chosen.isdecimal() and int(chosen) < len(CITIZENS)):
            return self._problem(400, "Questo accesso non è più in corso.")
        citizen = CITIZENS[int(chosen)]
        self._logins[login_id] = OpenLogin(login.question, citizen)
        return self._page("consent", login=login_id, citizen=citizen, denied=CONSENT_DENIED)

    async def answer(self, request: web.Request) -> web.Response:
        """Send the browser back with a signed response: the citizen's data or an anomaly."""
        form = await request.post()
        login = self._logins.pop(str(form.get("login", "")), None)
        anomaly = str(form.get("anomaly", ""))
        response = None if login is None else self._response(login, anomaly)
        if login is None or response is None:
            return self._problem(400, "Questo accesso non è più in corso.")
        document = sign(response, self._key, self._certificate)
        return self._page(
            "answer",
            form_target=_origin(login.question.acs_url),
            acs_url=login.question.acs_url,
            saml_response=base64.b64encode(document).decode(),
            relay_state=login.question.relay_state,
        )

    def _response(self, login: OpenLogin, anomaly: str) -> etree._Element | None:
        now = datetime.now(UTC)
        if anomaly.isdecimal() and int(anomaly) in ANOMALIES:
            return failure(login.question, self._base_url, int(anomaly), now)
        if anomaly or login.citizen is None:
            return None
        return success(login.question, self._base_url, login.citizen.attributes, now)

    async def _sp_metadata(self) -> bytes:
        """Fetch the service provider's metadata each time: its key may have changed."""
        async with (
            aiohttp.ClientSession(timeout=METADATA_TIMEOUT) as session,
            session.get(self._sp_metadata_url, raise_for_status=True) as response,
        ):
            return await response.read()

    def _problem(self, status: int, problem: str) -> web.Response:
        page = self._page("problem", problem=problem, service_url=_origin(self._sp_metadata_url))
        page.set_status(status)
        return page

    def _page(self, page: str, form_target: str = "'self'", **values: object) -> web.Response:
        headers = {
            "Content-Security-Policy": f"{CONTENT_POLICY}; form-action {form_target}",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        text = self._pages[page].render(
            title=DEMO_NAME, platform=administration().names.platform, **values
        )
        return web.Response(text=text, content_type="text/html", headers=headers)


def new_keys(base_url: str) -> tuple[str, str]:
    """Return a new key and its certificate, both as PEM text."""
    return create_key_and_certificate(
        common_name=DEMO_NAME,
        organization=DEMO_NAME,
        entity_id=base_url,
        ipa_code="demo",
        locality="Palermo",
        days=CERTIFICATE_DAYS,
    )


def create_app(
    base_url: str, sp_metadata_url: str, metadata_file: Path, keys: tuple[str, str]
) -> web.Application:
    """Build the application and write its metadata to the service provider's folder."""
    idp = DemoIdentityProvider(base_url, sp_metadata_url, keys)
    metadata_file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = metadata_file.with_suffix(".tmp")
    unfinished.write_bytes(idp.metadata)
    unfinished.replace(metadata_file)
    app = web.Application(client_max_size=MAX_MESSAGE)
    app.add_routes(
        [
            web.get("/metadata", idp.show_metadata),
            web.get("/sso", idp.choose_citizen),
            web.post("/consenso", idp.ask_consent),
            web.post("/risposta", idp.answer),
            web.get("/demo.css", _static("demo.css", "text/css")),
            web.get("/sso.js", _static("sso.js", "text/javascript")),
        ]
    )
    return app


async def run_demo_idp(
    base_url: str, sp_metadata_url: str, metadata_file: Path, profile: str
) -> None:
    """Serve the demo identity provider until cancelled.

    Raises:
        ConfigurationError: the profile isn't demo, or an address belongs to another machine.
    """
    problems = [
        f"Fornitore dimostrativo: {url} non è un indirizzo di questo computer"
        for url in (base_url, sp_metadata_url)
        if urlsplit(url).hostname not in LOOPBACK
    ]
    if profile != "demo":
        problems.append("Fornitore dimostrativo: parte soltanto con il profilo demo")
    if problems:
        raise ConfigurationError(problems)
    address = urlsplit(base_url)
    app = create_app(base_url, sp_metadata_url, metadata_file, new_keys(base_url))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, address.hostname, address.port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _static(name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler for one of our two static files, read once."""
    text = (HERE / "static" / name).read_text("utf-8")

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return show


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
