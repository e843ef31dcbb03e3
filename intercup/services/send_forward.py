"""Store a forward with its mails, and tell the citizen's chat; all in the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Consent, Forward, Request
from intercup.domain.consent import ConsentText
from intercup.domain.directory import Directory, Office
from intercup.domain.forwarding import Hop
from intercup.domain.request import Sender
from intercup.mail.compose import MailSettings, RequestMail, italian_day, message_id_of
from intercup.mail.compose_forward import ForwardMail, compose_forward
from intercup.services.conversations import add_event
from intercup.services.forward_links import add_link
from intercup.services.queue_mails import OfficeMail, queue_mail


@dataclass(frozen=True)
class Passing:
    """From which office to which, with what note; after which earlier hops."""

    from_office: str
    office: Office
    note: str
    form_key: str
    earlier: tuple[Hop, ...]

    @property
    def hop(self) -> int:
        return len(self.earlier) + 1


async def send_forward(
    writing: AsyncSession,
    directory: Directory,
    request: Request,
    passing: Passing,
    mails: MailSettings,
    now: datetime,
) -> None:
    """Add the hop, the new office's mail and link, the copy and the line in the chat."""
    writing.add(
        Forward(
            request_number=request.number,
            hop=passing.hop,
            from_office=passing.from_office,
            to_office=passing.office.name,
            note=passing.note,
            form_key=passing.form_key,
            created_at=now.timestamp(),
        )
    )
    original = await _original(writing, directory, request, mails)
    mail = _mail_of(original, passing, now)
    link = add_link(writing, request.number, passing.hop, mails.base_url, now)
    office_mail = OfficeMail(
        hop=passing.hop,
        office=passing.office,
        message_id=message_id_of(request.number, mails.mail_from, passing.hop),
        raw=compose_forward(replace(mail, link=link)),
        copy_raw=compose_forward(mail),
    )
    queue_mail(writing, request, office_mail, mails, now.timestamp())
    if request.conversation_id:
        event = {"kind": "forward", "from": passing.from_office, "day": italian_day(now)}
        event["number"] = request.number
        await add_event(writing, request.conversation_id, event, passing.office.name)


def _mail_of(original: RequestMail, passing: Passing, now: datetime) -> ForwardMail:
    return ForwardMail(
        original=original,
        hop=passing.hop,
        from_office=passing.from_office,
        office=passing.office,
        note=passing.note,
        at=now,
        earlier=passing.earlier,
    )


async def _original(
    session: AsyncSession, directory: Directory, row: Request, mails: MailSettings
) -> RequestMail:
    """Make the request's mail again from the register, which outlives the mail's bytes."""
    consents = await session.scalars(
        select(Consent).where(Consent.request_number == row.number).order_by(Consent.kind)
    )
    return RequestMail(
        number=row.number,
        category=directory.category_by_id[row.category],
        structure=directory.structure_by_id.get(row.structure or ""),
        office=Office(row.office_name, ()),
        sender=Sender(row.person_key, row.name, row.surname, row.email),
        description=row.description,
        consents=tuple(ConsentText(c.kind, c.version, c.text, "", "") for c in consents),
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        mail_from=mails.mail_from,
    )
