"""Requests for the tests, submitted through the service itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import DeclarativeBase

from intercup.db.engine import Database
from intercup.db.tables import Channel, Conversation, Delivery, Request
from intercup.domain.addition import AdditionKind
from intercup.domain.consent import CONSENTS
from intercup.domain.dialogue import Draft, draft_as_json
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen, RegisteredRequest, RequestForm
from intercup.mail.mail_settings import MailSettings
from intercup.services.chat.action_service import ActionService
from intercup.services.ids import new_id
from intercup.services.limits import Limits
from intercup.services.requests.add import AdditionOrder, add_to_request
from intercup.services.requests.submit import Submission, submit_request
from intercup.services.structures.structures import Structures

AGATA = Citizen("person-agata", "Agata", "Lo Presti", "agata@example.it")
ROSARIO = Citizen("person-rosario", "Rosario", "Cammarata", "rosario@example.it")
TEXT = "Il sito si blocca dopo la scelta della data."
MAIL_FROM = "assistenza@intercup.example.it"
MAILS = MailSettings(MAIL_FROM, "https://intercup.example.it")
SECRET_KEY = b"secret of the tests"
NO_LIMITS: Limits = {"person": (), "session": (), "ip": ()}
BOTH = {consent.id: consent.version for consent in CONSENTS}


def submission(
    key: str | None = None,
    category: str | None = "technical",
    structure: str | None = "asp_trapani",
    citizen: Citizen = AGATA,
    **more: Any,
) -> Submission:
    form = RequestForm(
        category, structure, more.pop("description", TEXT), more.pop("consents", BOTH)
    )
    return Submission(key or new_id(), form, citizen, "form", **more)


async def submit(
    database: Database, directory: Directory, wanted: Submission | None = None
) -> RegisteredRequest:
    return await submit_request(
        database, directory, wanted or submission(), MAILS, datetime.now(UTC), NO_LIMITS
    )


async def submit_chat(database: Database, directory: Directory) -> Request:
    """Register the request of the only conversation, as Rasa's action does."""
    async with database.read() as session:
        sender = (await session.scalars(select(Conversation.sender_id))).one()
    service = ActionService(database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    number = (await service.submit(sender)).number
    async with database.read() as session:
        return await session.get_one(Request, number)


async def add_text(database: Database, directory: Directory, number: str) -> None:
    """Add a text to one of Agata's requests."""
    order = AdditionOrder(AGATA.person_key, number, new_id(), AdditionKind.MORE, TEXT)
    await add_to_request(database, directory, order, MAILS, datetime.now(UTC), NO_LIMITS)


async def make_conversation(database: Database, **more: Any) -> str:
    values: dict[str, Any] = {
        "id": new_id(),
        "sender_id": new_id(),
        "sender_turns": 0,
        "page": "portal",
        "draft": {"key": new_id()},
        "resumes": False,
        "created_at": 0.0,
        "updated_at": 0.0,
    }
    row = Conversation(**(values | more))
    async with database.write() as session:
        session.add(row)
    return row.id


async def store_draft(database: Database, sender_id: str, **values: Any) -> None:
    """Let a chat stand at the summary of its request, with both consents given."""
    draft = Draft("technical", "asp_trapani", step="confirmation", **BOTH)
    given = draft_as_json(draft) | {"key": new_id()} | values
    async with database.write() as session:
        await session.execute(
            update(Conversation).where(Conversation.sender_id == sender_id).values(draft=given)
        )


async def count(database: Database, table: type[DeclarativeBase]) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def deliveries(database: Database) -> Sequence[Delivery]:
    async with database.read() as session:
        return (await session.scalars(select(Delivery).order_by(Delivery.id))).all()


async def states(database: Database) -> dict[str, str]:
    """The state of each delivery by its recipient."""
    return {row.recipient: row.state for row in await deliveries(database)}


async def channel(database: Database) -> Channel:
    async with database.read() as session:
        return (await session.scalars(select(Channel))).one()


async def set_deliveries(database: Database, role: str, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(Delivery).where(Delivery.role == role).values(**values))
