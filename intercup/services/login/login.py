"""SPID login: pending requests in the database, used once and by the browser that made them."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import PendingLogin as PendingRow
from intercup.domain.request import Citizen
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.logout import LogoutByForm, LogoutByRedirect
from intercup.identity.scheme import SPID
from intercup.identity.service_provider import IdentityProvider, Outgoing, PendingLogin
from intercup.identity.verified_identity import VerifiedIdentity
from intercup.services.ids import hash_of, new_id, person_key
from intercup.services.login.schemes import Schemes, in_thread
from intercup.services.login.spid_register import SpidRegister
from intercup.services.privacy.purge_rules import pending_login_ended
from intercup.services.privacy.retention import PENDING_LOGIN
from intercup.settings import Settings

PENDING_LIMIT = PENDING_LOGIN.total_seconds()  # between request and response
RETURN_MAX = 200  # characters
# Pages that a login may return to; all others are refused.
RETURN_PATHS = re.compile(
    r"/(?:portale|prenota|assistenza|recapito|(?:presidio/)?richieste(?:/IC(?:-[0-9A-Z]{4}){3})?"
    r"|presidio(?:/[a-z]+)?)"
)


@dataclass(frozen=True)
class StartedLogin:
    """The address for the browser, and the cookie that binds the answer to it."""

    message: Outgoing
    browser_cookie: str


@dataclass(frozen=True)
class FinishedLogin:
    """The citizen after a login, and the page to return to."""

    citizen: Citizen
    return_to: str
    session_hash: str | None


class Login:
    """The login of this service provider. XML and cryptography run in a thread: they take 20 ms."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._schemes = Schemes(settings)
        self._register = SpidRegister(settings, database)

    async def verify(self) -> None:
        """Check keys and certificate; the demo creates them at its first login.

        Raises:
            ConfigurationError: a key or the certificate can't be used.
        """
        if not self._settings.is_demo:
            await asyncio.to_thread(self._schemes.registration, SPID)
            await asyncio.to_thread(self._register.verify)

    async def providers(self) -> dict[str, list[IdentityProvider]]:
        """List the identity providers whose metadata is usable, by the name of their scheme."""
        return await in_thread(self._schemes.providers)

    async def provider_problems(self) -> list[str]:
        """List the problems of the metadata files and entries left out."""
        return await in_thread(self._schemes.problems)

    async def metadata(self, scheme: str) -> bytes:
        """Return the signed metadata of a scheme.

        Raises:
            NotFound: the scheme isn't active.
        """
        chosen = self._schemes.named(scheme)
        return await in_thread(lambda: self._schemes.service_provider(chosen).metadata())

    async def answer_logout(
        self, scheme: str, request: LogoutByRedirect | LogoutByForm, now: datetime
    ) -> Outgoing:
        """Return the answer to an identity provider's logout request.

        Raises:
            LoginRefused: it isn't a signed request of a known provider.
            NotFound: the scheme isn't active.
        """
        chosen = self._schemes.named(scheme)
        return await in_thread(
            lambda: self._schemes.service_provider(chosen).answer_logout(request, now)
        )

    async def start(
        self,
        idp_entity_id: str,
        return_to: str,
        session_hash: str | None,
        browser_cookie: str | None,
    ) -> StartedLogin:
        """Start a login and store it, with the current session.

        A browser may start several: all are bound to the cookie of the first.

        Raises:
            LoginRefused: unknown identity provider.
        """
        started = await in_thread(
            lambda: self._schemes.service_provider_for(idp_entity_id).begin(
                idp_entity_id, datetime.now(UTC)
            )
        )
        row = PendingRow(
            relay_state=started.relay_state,
            session_hash=session_hash,
            request_id=started.request_id,
            issue_instant=started.issue_instant.timestamp(),
            idp_entity_id=idp_entity_id,
            return_to=safe_return(return_to),
            request_xml=started.request_xml,
        )
        async with self._database.write() as session:
            await session.execute(delete(PendingRow).where(pending_login_ended(time.time())))
            browser = await _bound_cookie(session, browser_cookie) or new_id()
            row.browser_hash = hash_of(browser)
            session.add(row)
        return StartedLogin(started.message, browser)

    async def finish(
        self, saml_response: str, relay_state: str, browser_cookie: str | None, ip: str
    ) -> FinishedLogin:
        """Check an identity provider's answer; the first one uses up the pending login.

        `ip` is the address that it came from, for the limits.

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
            replayed = await self._register.has_answer(saml_response)
            raise LoginRefused(Reason.REPLAYED if replayed else Reason.UNSOLICITED)
        try:
            return await self._finish(row, saml_response, browser_cookie, ip)
        except LoginRefused as refused:
            refused.return_to = row.return_to
            raise

    async def _finish(
        self, row: PendingRow, saml_response: str, browser_cookie: str | None, ip: str
    ) -> FinishedLogin:
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
        service = await in_thread(lambda: self._schemes.service_provider_for(row.idp_entity_id))
        try:
            citizen = await in_thread(
                lambda: service.complete(saml_response, row.relay_state, pending, datetime.now(UTC))
            )
        except LoginRefused as refused:
            await self._register.keep_failure(row, saml_response, refused, ip)
            raise
        # A login counts only once it is in the register.
        await self._register.keep_login(row, saml_response)
        return FinishedLogin(self._citizen_of(citizen), row.return_to, row.session_hash)

    def _citizen_of(self, identity: VerifiedIdentity) -> Citizen:
        key = person_key(self._settings.secret_key, identity.fiscal_number)
        return Citizen(key, identity.name, identity.surname, identity.email or "")


async def _bound_cookie(session: AsyncSession, cookie: str | None) -> str | None:
    """Return the browser's cookie if it belongs to a pending login: then we have set it."""
    if cookie is None:
        return None
    is_pending = exists().where(PendingRow.browser_hash == hash_of(cookie))
    return cookie if await session.scalar(select(is_pending)) else None


def safe_return(path: str, default: str = "/portale") -> str:
    """Return the path if a login may return to it, else the default."""
    try:
        is_ours = RETURN_PATHS.fullmatch(urlsplit(path).path) is not None
    except ValueError:
        return default
    # Two or more leading slashes would name another host.
    is_ours = is_ours and path.startswith("/") and not path.startswith("//")
    if not is_ours or not path.isprintable() or len(path) > RETURN_MAX:
        return default
    return path
