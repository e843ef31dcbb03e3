"""Changes of fields: names at once; a mailbox once it is proved and a second person confirms it.

A mailbox decides where health data goes. So a code is mailed to each new address and has to come
back, somebody else confirms, and the office's old addresses are told.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Delivery, MailboxChange, MailboxCode
from intercup.domain.delivery import UNDER_WAY, DeliveryState
from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError
from intercup.mail.compose_mailbox import MailboxMail, compose_mailbox_code, compose_mailbox_notice
from intercup.mail.mail_settings import MailSettings
from intercup.services.delivery.desk_list import waiting as deliveries_in
from intercup.services.delivery.outbox import hold_for_changed_mailbox, queued
from intercup.services.ids import new_id
from intercup.services.limits import DAY, HOUR, Limit, key_of, key_of_inbox, take
from intercup.services.privacy.retention import MAILBOX_CHANGE
from intercup.services.staff.log import note
from intercup.services.structures.fields import Values, is_mailbox_field, office_of
from intercup.services.structures.versions import (
    Corrected,
    all_corrected,
    edits_of,
    in_force,
    newest_by_field,
    problems_of_field,
    problems_with,
    save,
    text_of,
    usable_edits,
    values_of,
)

CODE_LIFE = timedelta(days=3)  # an office answers in its working hours
CODE_DIGITS = 6
WRONG_CODES_MAX = 5
CODE_LIMITS = {
    "address": (Limit(3, HOUR), Limit(6, DAY)),
    "member": (Limit(10, HOUR), Limit(30, DAY)),
}

type Verdict = Literal["right", "wrong", "used_up", "expired"]


class NotChanged(Exception):
    """Nothing was changed; `reason` is a key of `desk_done` in texts.yaml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Changing:
    """Context of a change: the file's content, the mails' settings, who acts and when."""

    database: Database
    document: Any
    secret_key: bytes
    mails: MailSettings
    who: str
    now: float


@dataclass(frozen=True)
class Waiting:
    """A change that waits, with the code of each new address."""

    change: MailboxChange
    codes: Sequence[MailboxCode]

    @property
    def is_proved(self) -> bool:
        """Return True if every new address has been proved."""
        return all(code.proved_at is not None for code in self.codes)


async def waiting_change(reading: AsyncSession, key: str, now: float) -> Waiting | None:
    """Return the change of a field that waits, if there is one."""
    change = await reading.scalar(select(MailboxChange).where(MailboxChange.field == key))
    return await _with_codes(reading, change) if change and not _is_over(change, now) else None


async def waiting_fields(reading: AsyncSession, now: float) -> set[str]:
    """Return the fields with a change that waits."""
    rows = await reading.scalars(select(MailboxChange))
    return {row.field for row in rows if not _is_over(row, now)}


async def check(changing: Changing, key: str, values: Values) -> None:
    """Check values that aren't to be stored yet.

    Raises:
        ConfigurationError: with each reason why they can't be stored.
        NotChanged: there is no such field.
    """
    async with changing.database.read() as reading:
        await _check(reading, changing, await _field(reading, changing, key), values)


async def _check(
    reading: AsyncSession, changing: Changing, field: Corrected, values: Values
) -> None:
    edits = await usable_edits(reading, changing.document) | {field.key: values}
    if problems := problems_of_field(changing.document, edits, field):
        raise ConfigurationError(problems)


async def sent_codes(reading: AsyncSession, waiting: Waiting) -> dict[str, DeliveryState]:
    """Return the state of the newest code's mail by address, while the mail is kept."""
    rows = await reading.scalars(
        select(Delivery).where(
            Delivery.role == "mailbox",
            Delivery.created_at.in_([code.sent_at for code in waiting.codes]),
        )
    )
    return {row.recipient: DeliveryState(row.state) for row in rows}


async def change(changing: Changing, key: str, values: Values, seen: str) -> str:
    """Store values, or ask for them; return which, a key of `desk_done`.

    `seen` is the id of the newest version that the editor knows, or 0.

    Raises:
        ConfigurationError: with each reason why the values can't be stored.
        NotChanged: somebody else has changed the field, another change of the mailbox waits, or
            too many codes were sent.
    """
    async with changing.database.write() as writing:
        field = await _field(writing, changing, key)
        if seen != str(field.version.id if field.version else 0):
            raise NotChanged("structure_late")
        await _check(writing, changing, field, values)
        outcome = "structure_changed"
        if is_mailbox_field(key):
            # A version of now would make the change that waits impossible to confirm.
            if await waiting_change(writing, key, changing.now):
                raise NotChanged("mailbox_waits")
            old = await _addresses(writing, changing, key)
            if _lower(old) != _lower(values):
                await _ask(writing, changing, field, values, old)
                outcome = "mailbox_asked"
        if outcome != "mailbox_asked" and not await save(
            writing, field, values, seen, changing.who
        ):
            raise NotChanged("structure_late")
        note(writing, changing.who, outcome, changing.now, key)
        return outcome


async def _ask(
    writing: AsyncSession, changing: Changing, field: Corrected, values: Values, old: Values
) -> None:
    """Let a change wait, and mail a code to each new address."""
    await writing.execute(delete(MailboxChange).where(MailboxChange.field == field.key))
    asked = MailboxChange(
        id=new_id(),
        field=field.key,
        after=field.version.id if field.version else 0,
        text=text_of(values),
        who=changing.who,
        at=changing.now,
    )
    writing.add(asked)
    try:
        await writing.flush()
    except IntegrityError as error:  # another editor at the same time
        raise NotChanged("mailbox_waits") from error
    for address in values:
        if address.lower() not in _lower(old):
            await _send_code(writing, changing, asked, address)


async def send_again(changing: Changing, id_: str) -> None:
    """Mail another code to the addresses that aren't proved; the earlier ones are void.

    Raises:
        NotChanged: there is no such change, or too many codes were sent.
    """
    async with changing.database.write() as writing:
        waiting = await _locked(writing, changing, id_)
        for code in waiting.codes:
            if code.proved_at is None:
                await _send_code(writing, changing, waiting.change, code.address)
        note(writing, changing.who, "mailbox_code_sent", changing.now, waiting.change.field)


async def prove(changing: Changing, id_: str, address: str, typed: str) -> Verdict:
    """Check the code that somebody at an address has told.

    Raises:
        NotChanged: there is no such change, or it has no such new address.
    """
    async with changing.database.write() as writing:
        waiting = await _locked(writing, changing, id_)
        code = next((each for each in waiting.codes if each.address == address), None)
        if code is None:
            raise NotChanged("mailbox_gone")
        verdict = _verdict(changing, code, "".join(filter(str.isdigit, typed)))
        if verdict == "right" and code.proved_at is None:
            code.proved_at, code.code_hash = changing.now, ""
            note(writing, changing.who, "mailbox_proved", changing.now, waiting.change.field)
        code.wrong_codes += verdict == "wrong"
        return verdict


async def withdraw(changing: Changing, id_: str) -> str:
    """Take a change back and return its field.

    Raises:
        NotChanged: there is no such change.
    """
    async with changing.database.write() as writing:
        change = (await _locked(writing, changing, id_)).change
        await writing.delete(change)
        note(writing, changing.who, "mailbox_withdrawn", changing.now, change.field)
        return change.field


async def confirm(changing: Changing, id_: str) -> str:
    """Put a proved change in force, hold what is under way to the old addresses and tell them.

    Return the field.

    Raises:
        NotChanged: it is the same person's, not proved, over, overtaken or no longer valid.
    """
    async with changing.database.write() as writing:
        waiting = await _locked(writing, changing, id_)
        asked = waiting.change
        if asked.who == changing.who:
            raise NotChanged("mailbox_same_person")
        if not waiting.is_proved:
            raise NotChanged("mailbox_unproved")
        values = values_of(asked.text)
        edits = await usable_edits(writing, changing.document) | {asked.field: values}
        if problems_with(changing.document, edits):
            raise NotChanged("mailbox_invalid")
        old = await _addresses(writing, changing, asked.field)
        if not _lower(values) <= _lower(old) | _lower(code.address for code in waiting.codes):
            raise NotChanged("mailbox_unproved")
        field = await _field(writing, changing, asked.field)
        if not await save(writing, field, values, str(asked.after), asked.who, changing.who):
            raise NotChanged("structure_late")
        directory, _ = in_force(changing.document, edits)
        writing.add_all(_notices(changing, directory, asked.field, old))
        office = office_of(directory, asked.field).name
        under_way = await deliveries_in(writing, UNDER_WAY, office)
        removed = _lower(old) - _lower(values)
        await hold_for_changed_mailbox(writing, [row.id for row in under_way], removed)
        await writing.delete(asked)
        note(writing, changing.who, "mailbox_confirmed", changing.now, asked.field)
        return asked.field


def _lower(addresses: Iterable[str]) -> set[str]:
    return {address.lower() for address in addresses}


async def _locked(writing: AsyncSession, changing: Changing, id_: str) -> Waiting:
    change = await writing.get(MailboxChange, id_, with_for_update=True)
    if change is None or _is_over(change, changing.now):
        raise NotChanged("mailbox_gone")
    return await _with_codes(writing, change)


async def _with_codes(reading: AsyncSession, change: MailboxChange) -> Waiting:
    order = select(MailboxCode).where(MailboxCode.change_id == change.id)
    codes = {code.address: code for code in await reading.scalars(order)}
    return Waiting(change, [codes[each] for each in values_of(change.text) if each in codes])


def _is_over(change: MailboxChange, now: float) -> bool:
    return change.at < now - MAILBOX_CHANGE.total_seconds()


async def _field(reading: AsyncSession, changing: Changing, key: str) -> Corrected:
    field = (await all_corrected(reading, changing.document)).get(key)
    if field is None:
        raise NotChanged("mailbox_gone")
    return field


async def _addresses(reading: AsyncSession, changing: Changing, key: str) -> Values:
    """Return the addresses that get an office's mails now."""
    edits = edits_of(changing.document, await newest_by_field(reading))
    return office_of(in_force(changing.document, edits)[0], key).addresses


async def _send_code(
    writing: AsyncSession, changing: Changing, change: MailboxChange, address: str
) -> None:
    who = {
        "address": key_of_inbox(changing.secret_key, address),
        "member": key_of(changing.secret_key, "member", changing.who),
    }
    if await take(writing, "mailbox", CODE_LIMITS, who, changing.now):
        raise NotChanged("mailbox_limited")
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    row = MailboxCode(
        change_id=change.id,
        address=address,
        code_hash=_hash(changing, change.id, address, code),
        sent_at=changing.now,
        wrong_codes=0,
        proved_at=None,
    )
    await writing.merge(row)
    edits = edits_of(changing.document, await newest_by_field(writing))
    mail = _mail(changing, in_force(changing.document, edits)[0], change.field, address)
    expires = datetime.fromtimestamp(changing.now, UTC) + CODE_LIFE
    writing.add(_queued(changing, address, compose_mailbox_code(mail, code, expires)))


def _notices(changing: Changing, directory: Directory, key: str, old: Values) -> Iterable[Delivery]:
    addresses = office_of(directory, key).addresses
    for address in old:
        mail = _mail(changing, directory, key, address)
        yield _queued(changing, address, compose_mailbox_notice(mail, addresses))


def _mail(changing: Changing, directory: Directory, key: str, address: str) -> MailboxMail:
    """Return what both mails have; who is in doubt writes to a mailbox that isn't being changed."""
    platform = directory.platform_mailbox
    contact = directory.home_mailbox if key.endswith("/platform") else platform
    sent_at = datetime.fromtimestamp(changing.now, UTC)
    office = office_of(directory, key).name
    return MailboxMail(office, contact, address, sent_at, changing.mails.mail_from)


def _queued(changing: Changing, address: str, mail: tuple[str, bytes]) -> Delivery:
    envelope_from = changing.mails.envelope_from(mail[0], "mailbox", address)
    return queued("mailbox", envelope_from, address, mail, changing.now)


def _verdict(changing: Changing, code: MailboxCode, typed: str) -> Verdict:
    if code.proved_at is not None:
        return "right"
    if code.wrong_codes >= WRONG_CODES_MAX:
        return "used_up"
    if not code.sent_at <= changing.now <= code.sent_at + CODE_LIFE.total_seconds():
        return "expired"
    wanted = _hash(changing, code.change_id, code.address, typed)
    return "right" if hmac.compare_digest(code.code_hash, wanted) else "wrong"


def _hash(changing: Changing, id_: str, address: str, code: str) -> str:
    return key_of(changing.secret_key, f"code of {id_} {address}", code)
