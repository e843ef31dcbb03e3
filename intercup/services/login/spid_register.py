"""The register of logins that SPID asks for: each request with its answer, sealed, for 24 months.

Source: SPID regole tecniche, "Tracciature"; docs/adr/0011.
"""

import logging
import time
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import PendingLogin, SpidExchange
from intercup.domain.italian_time import ROME
from intercup.errors import ConfigurationError
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.register_seal import Exchange, RegisterSeal, add_key, read_keys
from intercup.identity.saml_xml import NS, decode, parse
from intercup.services.limits import HOUR, Limit, key_of, take
from intercup.services.login.schemes import in_thread
from intercup.settings import Settings

ACCEPTED = "accepted"
# A failure may come unsigned, so anybody could send one: its size is limited.
FAILURE_MAX = 16 * 1024  # characters
UNSIGNED_LIMITS = {"ip": (Limit(10, HOUR),)}

logger = logging.getLogger(__name__)


class SpidRegister:
    """Stores the messages of logins in the database, encrypted with a key of its own."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._not_kept = 0

    def verify(self) -> None:
        """Check that answers can be sealed.

        Raises:
            ConfigurationError: the key can't be used.
        """
        _ = self._seal

    async def keep_login(self, login: PendingLogin, saml_response: str) -> None:
        """Store an accepted answer (base64) with its request.

        Raises:
            Unavailable: it isn't stored.
        """
        entry = await in_thread(lambda: self._entry(login, saml_response, ACCEPTED))
        async with self._database.write() as session:
            session.add(entry)

    async def keep_failure(
        self, login: PendingLogin, saml_response: str, refused: LoginRefused, ip: str
    ) -> None:
        """Store a failure declared by the provider; unsigned ones only a few an hour.

        Other refusals aren't stored: nothing shows that the provider sent the answer.

        Raises:
            Unavailable: it isn't stored.
        """
        declared = refused.key.startswith("spid_anomaly_") or refused.key == Reason.IDP_ERROR
        if not declared or len(saml_response) > FAILURE_MAX:
            return
        entry = await in_thread(lambda: self._entry(login, saml_response, refused.key))
        who = {"ip": key_of(self._settings.secret_key, "ip", ip)}
        async with self._database.write() as session:
            if refused.is_signed or not await take(
                session, "unsigned failure", UNSIGNED_LIMITS, who, time.time()
            ):
                session.add(entry)
                return
        self._not_kept += 1
        logger.warning("unsigned failure answers not kept since the start: %d", self._not_kept)

    async def has_answer(self, saml_response: str) -> bool:
        """Return True if the request of this answer has one already."""
        request_id = await in_thread(lambda: _in_response_to(saml_response))
        async with self._database.read() as session:
            query = select(exists().where(SpidExchange.request_id == request_id))
            return bool(await session.scalar(query))

    def _entry(self, login: PendingLogin, saml_response: str, outcome: str) -> SpidExchange:
        document = decode(saml_response)
        root = parse(document)
        assertion = root.find("saml:Assertion", NS)
        exchange = Exchange(login.request_id, login.request_xml, document.decode(), outcome)
        return SpidExchange(
            request_id=login.request_id,
            response_id=root.get("ID"),
            assertion_id=None if assertion is None else assertion.get("ID"),
            answered_at=time.time(),
            sealed=self._seal.seal(exchange),
        )

    @cached_property
    def _seal(self) -> RegisterSeal:
        file = self._settings.spid_register_key_file
        if file is None:
            raise ConfigurationError(["INTERCUP_SPID_REGISTER_KEY_FILE: manca"])
        if self._settings.is_demo and not file.exists():
            add_key(file)
        return RegisterSeal(read_keys(file))


def _in_response_to(saml_response: str) -> str:
    try:
        return parse(decode(saml_response)).get("InResponseTo", "")
    except LoginRefused:
        return ""


async def find(session: AsyncSession, id_: str) -> list[SpidExchange]:
    """Find exchanges by the id of request, response or assertion."""
    columns = (SpidExchange.request_id, SpidExchange.response_id, SpidExchange.assertion_id)
    rows = await session.scalars(
        select(SpidExchange).where(or_(*(column == id_ for column in columns)))
    )
    return list(rows)


async def find_day(session: AsyncSession, day: date) -> list[SpidExchange]:
    """List the exchanges of an Italian day, oldest first."""
    begin = datetime.combine(day, datetime.min.time(), ROME)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), ROME)
    rows = await session.scalars(
        select(SpidExchange)
        .where(
            SpidExchange.answered_at >= begin.timestamp(),
            SpidExchange.answered_at < end.timestamp(),
        )
        .order_by(SpidExchange.answered_at, SpidExchange.request_id)
    )
    return list(rows)
