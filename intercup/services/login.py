"""SPID login: pending requests in the database, used once and by the browser that made them."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

from sqlalchemy import delete

from intercup.db.engine import Database
from intercup.db.tables import PendingLogin as PendingRow
from intercup.domain.request import Sender
from intercup.errors import ConfigurationError, Unavailable
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.citizen import Citizen
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.service_provider import (
    IdentityProvider,
    PendingLogin,
    ServiceProvider,
    SpidSettings,
    load_identity_providers,
)
from intercup.services.sessions import hash_of, new_id, person_key
from intercup.settings import Settings

logger = logging.getLogger(__name__)

PENDING_LIMIT = 10 * 60.0  # seconds between the request and its response
CERTIFICATE_DAYS = 365
RETURN_MAX = 200  # characters
# Where a login may lead back to; anything else is not ours.
RETURN_PATHS = frozenset({"/portale", "/prenota", "/assistenza", "/richieste"})


@dataclass(frozen=True)
class StartedLogin:
    """Where to send the browser, and the cookie that binds the answer to it."""

    redirect_url: str
    browser_cookie: str


@dataclass(frozen=True)
class FinishedLogin:
    """Who logged in, and where they go on."""

    sender: Sender
    return_to: str
    session_hash: str | None


class Login:
    """The login of this service provider. XML and cryptography run in a thread: they take 20 ms."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    @cached_property
    def _spid(self) -> SpidSettings:
        settings = self._settings
        key_file, certificate_file = settings.spid_key_file, settings.spid_certificate_file
        assert key_file and certificate_file  # noqa: S101 (Settings derives them)
        if settings.is_demo and not key_file.exists():
            _make_demo_certificate(settings)
        return SpidSettings(
            base_url=settings.base_url,
            entity_id=settings.spid_entity_id,
            private_key_pem=key_file.read_text("ascii"),
            certificate_pem=certificate_file.read_text("ascii"),
            organization_name=settings.spid_organization_name,
            organization_display_name=settings.spid_organization_name,
            organization_url=settings.spid_organization_url,
            contact_email=settings.spid_contact_email,
            contact_phone=settings.spid_contact_phone,
            ipa_code=settings.spid_ipa_code,
        )

    async def providers(self) -> list[IdentityProvider]:
        """List the identity providers whose metadata is in the folder."""
        return await asyncio.to_thread(self._load_providers)

    def _load_providers(self) -> list[IdentityProvider]:
        folder = self._settings.spid_providers_dir
        if folder is None or not folder.exists():
            return []
        try:
            return load_identity_providers(folder)
        except ConfigurationError as error:
            logger.error("ALARM identity providers: %s", error)
            raise Unavailable("provider_unavailable") from error

    def _service_provider(self) -> ServiceProvider:
        return ServiceProvider(self._spid, self._load_providers())

    async def metadata(self) -> bytes:
        """Return this service provider's signed metadata."""
        return await asyncio.to_thread(lambda: self._service_provider().metadata())

    async def answer_logout(self, query_string: str, now: datetime) -> str:
        """Return where to send the browser after an identity provider's logout request.

        Raises:
            LoginRefused: it isn't a signed request of a known provider.
        """
        return await asyncio.to_thread(
            lambda: self._service_provider().answer_logout(query_string, now)
        )

    async def start(
        self, idp_entity_id: str, return_to: str, session_hash: str | None
    ) -> StartedLogin:
        """Prepare a login and remember it, with the session that it goes on from.

        Raises:
            LoginRefused: unknown identity provider.
        """
        started = await asyncio.to_thread(
            lambda: self._service_provider().begin(idp_entity_id, datetime.now(UTC))
        )
        browser = new_id()
        row = PendingRow(
            relay_state=started.relay_state,
            browser_hash=hash_of(browser),
            session_hash=session_hash,
            request_id=started.request_id,
            issue_instant=started.issue_instant.timestamp(),
            idp_entity_id=idp_entity_id,
            return_to=safe_return(return_to),
        )
        async with self._database.write() as session:
            too_old = time.time() - PENDING_LIMIT
            await session.execute(delete(PendingRow).where(PendingRow.issue_instant < too_old))
            session.add(row)
        return StartedLogin(started.redirect_url, browser)

    async def finish(
        self, saml_response: str, relay_state: str, browser_cookie: str | None
    ) -> FinishedLogin:
        """Check an identity provider's answer; each pending login is used up by the first one.

        Raises:
            LoginRefused: with the key of the reason.
            Unavailable: the database failed.
        """
        async with self._database.write() as session:
            row = await session.scalar(
                delete(PendingRow)
                .where(PendingRow.relay_state == relay_state)
                .returning(PendingRow)
            )
        if row is None:
            raise LoginRefused(Reason.UNSOLICITED)
        if browser_cookie is None or hash_of(browser_cookie) != row.browser_hash:
            raise LoginRefused(Reason.OTHER_BROWSER)
        if time.time() - row.issue_instant > PENDING_LIMIT:
            raise LoginRefused(Reason.EXPIRED)
        pending = PendingLogin(
            request_id=row.request_id,
            issue_instant=datetime.fromtimestamp(row.issue_instant, UTC),
            idp_entity_id=row.idp_entity_id,
            relay_state=row.relay_state,
        )
        citizen = await asyncio.to_thread(
            lambda: self._service_provider().complete(
                saml_response, relay_state, pending, datetime.now(UTC)
            )
        )
        return FinishedLogin(self._sender_of(citizen), row.return_to, row.session_hash)

    def _sender_of(self, citizen: Citizen) -> Sender:
        if citizen.email is None:
            raise LoginRefused(Reason.EMAIL_MISSING)
        key = person_key(self._settings.secret_key, citizen.fiscal_number)
        return Sender(key, citizen.name, citizen.surname, citizen.email)


def safe_return(path: str) -> str:
    """Return the path if a login may lead there, else the portal."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/portale"
    is_ours = not parts.scheme and not parts.netloc and parts.path in RETURN_PATHS
    if not is_ours or not path.isprintable() or len(path) > RETURN_MAX:
        return "/portale"
    return path


def _make_demo_certificate(settings: Settings) -> None:
    key, certificate = create_key_and_certificate(
        common_name="InterCup Assistenza (dimostrazione)",
        organization=settings.spid_organization_name,
        entity_id=settings.spid_entity_id,
        ipa_code=settings.spid_ipa_code,
        locality="Palermo",
        days=CERTIFICATE_DAYS,
    )
    key_file, certificate_file = settings.spid_key_file, settings.spid_certificate_file
    if key_file is None or certificate_file is None:
        raise Unavailable("provider_unavailable")
    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(mode=0o600)
    key_file.write_text(key, "ascii")
    certificate_file.write_text(certificate, "ascii")
