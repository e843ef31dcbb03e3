"""Register a request: the request, its consents and its mails in one transaction."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from math import ceil
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared, add
from intercup.db.tables import Consent, Request
from intercup.domain.attachment import StoredFile, mail_name, size_text
from intercup.domain.consent import CONSENTS, ConsentText, sha256_of
from intercup.domain.dialogue import ACCESS
from intercup.domain.directory import Directory, Office
from intercup.domain.mailbox import is_mailbox
from intercup.domain.request import (
    PAGE_FACTS,
    Citizen,
    RegisteredRequest,
    RequestForm,
    new_number,
    normalised,
    problems_of,
    texts_of,
)
from intercup.errors import AddressMissing, Incomplete, TooMany
from intercup.languages.catalogues import ITALIAN, languages, translated
from intercup.mail.compose import (
    FilesWay,
    OfficeLink,
    RequestMail,
    compose_request,
    message_id_of,
)
from intercup.mail.mail_settings import MailSettings
from intercup.services.attachments.store import FileDraft, hand_over, ids_of
from intercup.services.chat.lease import check_sender
from intercup.services.delivery.outbox import OfficeMail, queue_mail
from intercup.services.languages import language_of
from intercup.services.limits import ACCESS_REQUEST_LIMITS, Limits, take
from intercup.services.requests.forward_links import add_link
from intercup.services.requests.protocol import stored_protocol
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS


class IncompleteRequest(Incomplete):
    """A request that can't be sent yet."""


logger = logging.getLogger(__name__)

_ROWS = cast(Table, Request.__table__)


@dataclass(frozen=True)
class Submission:
    """An incoming request. The same key and content always give the same number."""

    key: str
    form: RequestForm
    citizen: Citizen
    source: str  # "chat" or "form"
    conversation_id: str | None = None
    sender_id: str | None = None  # the conversation's, which must still be its own at the commit
    # Keys of its session and IP address, or of its mailbox, for limits.
    came_from: dict[str, str] = field(default_factory=dict)
    draft: FileDraft | None = None  # whose files go along
    language: str = ITALIAN  # ISO 639-1 of page or summary, with the consents' translations
    shown_in: Mapping[str, str] = field(default_factory=dict)  # of consents shown in another one


async def submit_request(
    database: Database,
    directory: Directory,
    submission: Submission,
    mails: MailSettings,
    now: datetime,
    limits: Limits,
) -> RegisteredRequest:
    """Store the request and its mails; returns only after the commit.

    Raises:
        IncompleteRequest, AddressMissing, TooMany, LeaseLost: nothing was stored.
        Unavailable: the database failed; nothing was stored.
    """
    if not is_mailbox(submission.citizen.email):
        raise AddressMissing("email_unusable")
    form = normalised(submission.form)
    problems = problems_of(form, directory)
    if problems:
        raise IncompleteRequest(problems)
    files: Sequence[str] = ()
    if submission.draft:
        async with database.read() as reading:
            files = await ids_of(reading, submission.draft)
    submission = replace(submission, form=form, key=_content_key(submission.key, form, files))
    earlier = await _find(database, submission)
    if earlier:
        return earlier
    try:
        async with database.write() as session:
            if submission.sender_id:
                await check_sender(session, submission.sender_id)
            await _limit(session, submission, limits, now)
            stored = await _store(session, directory, submission, mails, now)
    except IntegrityError:
        # The second of two simultaneous submissions finds the first one's row.
        earlier = await _find(database, submission)
        if earlier is None:
            raise
        return earlier
    logger.info("request %s registered", stored.number)
    return stored


async def _limit(
    session: AsyncSession, submission: Submission, limits: Limits, now: datetime
) -> None:
    """Count the request; before login, when anybody can send one, fewer are allowed."""
    action, who = "request", {"person": submission.citizen.person_key} | submission.came_from
    if submission.form.category == ACCESS:
        action, limits, who = "access request", ACCESS_REQUEST_LIMITS, submission.came_from
    wait = await take(session, action, limits, who, now.timestamp())
    if wait:
        raise TooMany("limited", retry_after=ceil(wait))


def _content_key(key: str, form: RequestForm, files: Sequence[str]) -> str:
    """Derive the key from the content too: a changed form is a new request, never the old one.

    What the page knows isn't the citizen's: it has the time in it, which a reload changes.
    """
    chosen = (form.category or "", form.structure or "")
    texts = (text for name, text in texts_of(form).items() if name != PAGE_FACTS)
    content = "\0".join((key, *chosen, *texts, *files))
    return hashlib.sha256(content.encode()).hexdigest()


async def _find(database: Database, submission: Submission) -> RegisteredRequest | None:
    same = {"key": submission.key, "person": submission.citizen.person_key}
    async with database.read() as session:
        found = await _submitted().row(session, same)
        return registered(await session.get_one(Request, found[0])) if found else None


@cache
def _submitted() -> Prepared:
    same = (_ROWS.c.submission_key == bindparam("key"), _ROWS.c.person_key == bindparam("person"))
    return Prepared(select(_ROWS.c.number).where(*same))


def labelled(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the citizen's texts with their labels, without empty ones."""
    return tuple((TEXTS(f"request.{name}"), text) for name, text in texts.items() if text)


def listed(files: Sequence[StoredFile]) -> tuple[tuple[str, str], ...]:
    """Return the files' names with their label, for a mail."""
    if not files:
        return ()
    lines = [
        TEXTS(
            "file.in_mail" if file.is_kept else "file.deleted",
            as_=mail_name(position, file.kind),
            name=file.name,
            size=size_text(file.size),
        )
        for position, file in enumerate(files, 1)
    ]
    return ((TEXTS("file.label"), "\n".join(lines)),)


def registered(row: Request) -> RegisteredRequest:
    """Read a stored request."""
    return RegisteredRequest(
        row.number,
        row.category,
        row.structure,
        texts_of(row),
        row.office_name,
        datetime.fromtimestamp(row.created_at, UTC),
        f"{row.name} {row.surname}".strip() or row.email,
        row.email,
        stored_protocol(row),
    )


async def _store(
    session: AsyncSession,
    directory: Directory,
    submission: Submission,
    mails: MailSettings,
    now: datetime,
) -> RegisteredRequest:
    form = submission.form
    office = directory.office_for(form.category or "", form.structure)
    row = _request_row(submission, office, now)
    await add(session, row)
    files: Sequence[StoredFile] = ()
    if submission.draft:
        files = await hand_over(session, submission.draft, row.number)
        if len(files) < len(await ids_of(session, submission.draft)):
            raise IncompleteRequest({"files": "files_sent"})
    mail = mail_about(row, office, CONSENTS, directory, mails, files)
    await add(session, *_consent_rows(row, submission))
    link = await add_link(session, row.number, 0, mails.base_url, now)
    office_mail = _office_mail(mail, with_files(link, files, mails))
    await queue_mail(session, row, office_mail, mails, row.created_at)
    return registered(row)


def mail_about(
    row: Request,
    office: Office,
    consents: tuple[ConsentText, ...],
    directory: Directory,
    mails: MailSettings,
    files: Sequence[StoredFile] = (),
) -> RequestMail:
    """Build the mail about a request from its row, which outlives the mail's bytes."""
    return RequestMail(
        number=row.number,
        category=category_of(directory, row.category),
        structure_name=structure_name_of(directory, row.structure) or "",
        office=office,
        citizen=Citizen(row.person_key, row.name, row.surname, row.email),
        texts=labelled(texts_of(row)) + listed(files),
        consents=consents,
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        mail_from=mails.mail_from,
        language=row.language,
        reader=row.reader,
    )


def with_files(link: OfficeLink, files: Sequence[StoredFile], mails: MailSettings) -> OfficeLink:
    """Return the link, with the office's way to the files: in the mail or by the link's page."""
    sizes = [file.size for file in files if file.is_kept]
    fits = sum(sizes) <= mails.files_max
    return replace(link, files=(FilesWay.MAIL if fits else FilesWay.PAGE) if sizes else None)


def _office_mail(mail: RequestMail, link: OfficeLink) -> OfficeMail:
    return OfficeMail(
        hop=0,
        office=mail.office,
        message_id=message_id_of(mail.number, mail.mail_from),
        raw=compose_request(replace(mail, link=link)),
        copy_raw=compose_request(mail),
        attached=link.files is FilesWay.MAIL,
    )


def _request_row(submission: Submission, office: Office, now: datetime) -> Request:
    citizen, form = submission.citizen, submission.form
    written = language_of(form.description)
    return Request(
        number=new_number(),
        submission_key=submission.key,
        person_key=citizen.person_key,
        name=citizen.name,
        surname=citizen.surname,
        email=citizen.email,
        category=form.category,
        structure=form.structure,
        office_name=office.name,
        **texts_of(form),
        source=submission.source,
        language=written,
        reader=_reader(submission.language, written),
        conversation_id=submission.conversation_id,
        created_at=now.timestamp(),
    )


def _reader(of_page: str, of_text: str | None) -> str | None:
    """Return the language for notes to the citizen: the page's, else the text's if it is ours."""
    if of_page != ITALIAN:
        return of_page
    return of_text if of_text in languages() else None


def _consent_rows(row: Request, submission: Submission) -> list[Consent]:
    return [
        Consent(
            request_number=row.number,
            kind=consent.id,
            text=consent.text,
            text_sha256=consent.sha256,
            **_shown(consent, submission.shown_in.get(consent.id, submission.language)),
            version=consent.version,
            accepted_at=row.created_at,
            conversation_id=row.conversation_id,
        )
        for consent in CONSENTS
    ]


def _shown(consent: ConsentText, language: str) -> dict[str, str]:
    """Return the columns of the translation that the page showed beneath the Italian text."""
    text = translated(f"consent.{consent.id}", consent.text, language)
    if text == consent.text:
        return {}
    return {"shown_language": language, "shown_text": text, "shown_sha256": sha256_of(text)}
