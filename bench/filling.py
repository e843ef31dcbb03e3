"""A year of the service in PostgreSQL: copies of requests that the service itself registered.

Rows have their real sizes; numbers, persons, moments and secrets are each copy's own.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import asyncpg
from cryptography.fernet import Fernet
from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.service import DESCRIPTION
from intercup.db.engine import Database
from intercup.db.tables import (
    Addition,
    AnswerQuestion,
    BrowserSession,
    ChatMessage,
    Consent,
    Conversation,
    Delivery,
    Forward,
    ForwardLink,
    OfficeMark,
    PecReceipt,
    Rating,
    Request,
    SpidExchange,
)
from intercup.domain.delivery import DeliveryState
from intercup.domain.directory import Directory
from intercup.domain.office_state import OfficeState
from intercup.domain.pec import ReceiptKind
from intercup.domain.request import Citizen, new_number
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.register_seal import Exchange, RegisterSeal
from intercup.identity.service_provider import ServiceProvider, load_identity_providers
from intercup.services.ids import hash_of, new_id, person_key
from intercup.services.privacy.retention import kept
from tests.support.login_under_way import IDP, Keys, UnderWay
from tests.support.made_requests import SECRET_KEY, submission, submit
from tests.support.spid_settings import spid_settings

REQUESTS = 100_000  # of a year
PERSONS = 60_000
CHATS = 2.0  # a request: half of the chats end without one
LOGINS = 1.5  # a request
MESSAGES = 16  # of a chat
# Shares of the requests.
BY_CHAT, FORWARDED, TAKEN, ANSWERED, ADDED, ASKED, SAID, CERTIFIED, RATED = (
    *(0.8, 0.1, 0.6, 0.5, 0.05, 0.7, 0.3, 0.5, 0.3),
)
NOT_ARRIVED = {DeliveryState.HELD: 60, DeliveryState.FAILED: 40, DeliveryState.QUEUED: 20}
TEMPLATES = 200
HOUR, DAY = 3_600.0, 86_400.0  # seconds
MAILS_MAX = 10  # of a request
SECRETS = ("submission_key", "token_hash", "form_key")
# In the order of their foreign keys.
TABLES: tuple[type[Any], ...] = (
    *(Request, Consent, Delivery, ForwardLink, Forward, OfficeMark, Addition),
    *(AnswerQuestion, PecReceipt),
)

type Row = dict[str, Any]
type Rows = dict[str, list[Row]]  # by table; a mail's id is its place among the request's


@dataclass(frozen=True)
class Copy:
    """A request of the year, `age` seconds old."""

    of: Rows
    index: int
    number: str
    age: float
    person: int
    conversation: str | None

    def records(self, table: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table."""
        for row in self.of[table]:
            yield tuple(self._value(name, value) for name, value in row.items())

    def _value(self, name: str, value: Any) -> Any:
        (old,) = self.of["requests"]
        if name in ("id", "delivery_id"):
            return self.index * MAILS_MAX + value
        if name == "conversation_id":
            return self.conversation
        if name in SECRETS:
            return hash_of(f"{value}{self.index}")
        if isinstance(value, float):  # a moment: no column has other fractions
            return value - self.age
        if isinstance(value, bytes):
            has_body = self.age < kept().mail_body.total_seconds() + DAY
            return value.replace(old["number"].encode(), self.number.encode()) if has_body else b""
        if isinstance(value, str):
            value = value.replace(old["number"], self.number)
            value = value.replace(old["person_key"], key_of(self.person))
            return value.replace(old["email"], address_of(self.person))
        return value


def address_of(person: int) -> str:
    """Return a person's address."""
    return f"persona{person:05}@example.it"


@cache
def key_of(person: int) -> str:
    """Return a person's key."""
    return person_key(SECRET_KEY, fiscal_number_of(person))


def fiscal_number_of(person: int) -> str:
    """Return a stand-in for a person's fiscal number."""
    return f"PERSONA{person:05}"


async def fill(database: Database, address: str, directory: Directory) -> list[Copy]:
    """Make the year's rows, and let PostgreSQL count them; return the requests."""
    chance, now = random.Random(1), datetime.now(UTC).timestamp()  # noqa: S311
    templates = await _templates(database, directory, chance)
    # One day is due by each retention period.
    oldest = kept().register.total_seconds() + DAY
    chats = {new_id(): DAY * 2 * chance.random() for _ in range(_in_days(2, CHATS))}
    recent = iter(chats.items())
    copies = []
    for index in range(REQUESTS):
        age, conversation = oldest * (REQUESTS - index - chance.random()) / REQUESTS, None
        if age < 2 * DAY and chance.random() < BY_CHAT:
            conversation, age = next(recent)
        person = chance.randrange(PERSONS)
        of = templates[index % TEMPLATES]
        copies.append(Copy(of, index, new_number(), age, person, conversation))
    connection = await asyncpg.connect(f"postgresql://{address}/postgres")
    try:
        for table in TABLES:
            name = table.__tablename__
            records = (record for each in copies for record in each.records(name))
            await _copy(connection, table, records)
        await _chats(connection, chats, now)
        await _copy(connection, Rating, _ratings(now))
        await _copy(connection, SpidExchange, _logins(now))
        await connection.execute("SELECT setval('deliveries_id_seq', max(id)) FROM deliveries")
        for state, count in NOT_ARRIVED.items():
            await connection.execute(
                "UPDATE deliveries SET state = $1, sent_at = NULL, next_attempt_at = $2 WHERE id IN"
                " (SELECT id FROM deliveries WHERE role = 'office' AND state = 'sent'"
                " AND raw <> '' ORDER BY random() LIMIT $3)",
                *(str(state), now + HOUR / 2, count),
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return copies


def _in_days(days: float, per_request: float) -> int:
    return round(REQUESTS * per_request * days / 365)


async def _copy(
    connection: asyncpg.Connection, table: type[Any], records: Iterable[Sequence[Any]]
) -> None:
    columns = [column.name for column in _columns(table)]
    await connection.copy_records_to_table(table.__tablename__, records=records, columns=columns)


def _columns(table: type[Any]) -> list[Any]:
    """Return the columns to fill; a rating's id comes from the database."""
    return [c for c in cast(Table, table.__table__).c if (table, c.name) != (Rating, "id")]


async def _templates(database: Database, directory: Directory, chance: random.Random) -> list[Rows]:
    """Register requests with their later history, read their rows, and delete them again."""
    numbers = [
        await _register(database, directory, chance, f"modello{n:03}") for n in range(TEMPLATES)
    ]
    async with database.read() as reading:
        templates = [await _rows(reading, number) for number in numbers]
    async with database.write() as writing:
        await writing.execute(delete(Request))
    return templates


async def _register(
    database: Database, directory: Directory, chance: random.Random, name: str
) -> str:
    category = chance.choice(directory.categories)
    structure = chance.choice(directory.structures).id if category.structure_required else None
    words = DESCRIPTION.rstrip(".").split()
    length = min(300, round(chance.lognormvariate(3.4, 0.8)) + 4)  # words; the median is 34
    text = " ".join(chance.choice(words) for _ in range(length))[:2_000]
    citizen = Citizen(f"chiave di {name}", "Agata", "Lo Presti", f"{name}@example.it")
    wanted = submission(None, category.id, structure, citizen, description=text)
    number = (await submit(database, directory, wanted)).number
    async with database.write() as writing:
        await _history(writing, number, chance)
    return number


async def _history(writing: AsyncSession, number: str, chance: random.Random) -> None:
    """Send the mails, and let happen to the request what happens to such a share of them."""
    request = await writing.get_one(Request, number)
    at = request.created_at
    own = (await writing.scalars(select(Delivery).where(Delivery.request_number == number))).all()
    for mail in own:
        mail.state, mail.attempts = DeliveryState.SENT, 1
        mail.first_attempt_at = mail.sent_at = at + 2
        if mail.role == "office" and chance.random() < CERTIFIED:
            for kind in (ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED):
                identifier = f"{kind} opec2941.20261118092640.00123.1.1@pec.example.it"
                of = {"delivery_id": mail.id, "identifier": identifier, "issued_at": at + 9}
                writing.add(PecReceipt(**of, kind=kind, doubtful=False))
    if chance.random() < FORWARDED:
        hop = {"hop": 1, "from_office": request.office_name, "to_office": request.office_name}
        key = {"form_key": new_id(), "created_at": at + DAY}
        writing.add(Forward(request_number=number, **hop, note="Per competenza.", **key))
        writing.add_all(_again(mail, hop=1) for mail in own)
    for state, share in ((OfficeState.TAKEN, TAKEN), (OfficeState.ANSWERED, ANSWERED)):
        if chance.random() < share:
            mark = OfficeMark(request_number=number, hop=0, state=state, marked_at=at + 2 * DAY)
            await writing.merge(mark)
    if chance.random() < ADDED:
        text = {"kind": "more", "text": DESCRIPTION, "form_key": new_id()}
        row = Addition(request_number=number, seq=1, hop=0, **text, created_at=at + 3 * DAY)
        writing.add(row)
        writing.add_all(_again(mail, addition=1) for mail in own)
    if chance.random() < ASKED:
        question = AnswerQuestion(request_number=number, token_hash=new_id(), asked_at=at + 7 * DAY)
        if chance.random() < SAID:
            question.answer, question.answered_at = chance.choice(("yes", "no")), at + 8 * DAY
        writing.add(question)
        writing.add(_again(own[-1], role="question"))


def _again(mail: Delivery, **changed: Any) -> Delivery:
    same = {c.name: getattr(mail, c.name) for c in _columns(Delivery) if c.name != "id"}
    return Delivery(**same | changed)


async def _rows(reading: AsyncSession, number: str) -> Rows:
    rows: Rows = {}
    places: dict[int, int] = {}
    for table in TABLES:
        columns = _columns(table)
        if table is PecReceipt:
            condition = PecReceipt.delivery_id.in_(places)
        else:
            condition = (table.number if table is Request else table.request_number) == number
        chosen = select(*columns).where(condition)
        found = [dict(row._mapping) for row in await reading.execute(chosen)]
        if table is Delivery:
            places |= {row["id"]: place for place, row in enumerate(found, 1)}
        for row in found:
            for name in {"id", "delivery_id"} & row.keys():
                row[name] = places[row[name]]
        rows[table.__tablename__] = found
    return rows


async def _chats(connection: asyncpg.Connection, chats: dict[str, float], now: float) -> None:
    """Add the chats of two days, with their sessions."""
    rows: dict[type[Any], list[Row]] = {Conversation: [], ChatMessage: [], BrowserSession: []}
    button = {"title": DESCRIPTION[:40], "payload": '/choose{"structure": "asp_trapani"}'}
    for id_, age in chats.items():
        at = now - age
        draft = json.dumps({"key": new_id(), "category": "technical", "structure": "asp_trapani"})
        of = {"id": id_, "sender_id": new_id(), "sender_turns": 7, "page": "portal", "draft": draft}
        times = {"created_at": at, "updated_at": at}
        rows[Conversation].append(of | times | {"resumes": False})
        session = {"id_hash": hash_of(id_), "conversation_id": id_, "created_at": at, "seen_at": at}
        rows[BrowserSession].append(session)
        for seq in range(MESSAGES):
            is_bot = seq % 2 == 0
            said = {"author": "bot" if is_bot else "citizen", "text": DESCRIPTION * (1 + is_bot)}
            more = {"buttons": json.dumps([button] * 3 * is_bot), "links": "[]", "language": "it"}
            place = {"conversation_id": id_, "seq": seq, "id": new_id()[:36], "created_at": at}
            rows[ChatMessage].append(place | said | more)
    for table, found in rows.items():
        names = [column.name for column in _columns(table)]
        await _copy(connection, table, ([row.get(name) for name in names] for row in found))


def _ratings(now: float) -> Iterator[tuple[Any, ...]]:
    for n in range(_in_days(365, RATED)):
        day = datetime.fromtimestamp(now - (n % 365) * DAY, UTC)
        yield (None, n % 5 + 1, "clear", DESCRIPTION if n % 4 == 0 else "", f"{day:%Y-%m-%d}")


def _logins(now: float) -> Iterator[tuple[Any, ...]]:
    sealed, kept_for = _sealed(), kept().spid_register.total_seconds() + DAY
    count = round(_in_days(kept_for / DAY, LOGINS))
    for n in range(count):
        yield (*(f"_{new_id()[:36]}" for _ in range(3)), now - kept_for * n / count, sealed)


def _sealed() -> bytes:
    """Return a login's two messages as the register keeps them, with the demo's provider."""
    keys = Keys(*create_key_and_certificate("idp", "idp", IDP, "demo", "Palermo", 30))
    settings = spid_settings("https://intercup.example.it", (keys.key, keys.certificate))
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", keys.certificate)
    service, now = ServiceProvider(settings, load_identity_providers(metadata)), datetime.now(UTC)
    start = service.begin(IDP, now)
    login = UnderWay(settings, service, start, keys, keys, now)
    answer = login.signed(login.answer()).decode()
    seal = RegisterSeal([Fernet.generate_key().decode()])
    return seal.seal(Exchange(start.request_id, start.request_xml, answer, "accepted"))
