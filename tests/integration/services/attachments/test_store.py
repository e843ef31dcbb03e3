"""Files: sealed, with their request or not at all, gone when the bodies of its mails go."""

import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from intercup.administration import administration
from intercup.db.engine import Database
from intercup.db.tables import (
    Attachment,
    AttachmentContent,
    BrowserSession,
    Delivery,
    Forward,
    ForwardLink,
    Request,
)
from intercup.domain.attachment import CleanFile, FileKind, FileRefused
from intercup.domain.directory import Directory
from intercup.domain.forwarding import LINK_LIFE
from intercup.errors import Gone, NotAuthenticated, ServiceError
from intercup.mail.attach import with_attachments
from intercup.mail.compose import template
from intercup.mail.mail_settings import MailSettings
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.attachments.store import (
    FileDraft,
    file_seal,
    keep_file,
    waiting_files,
)
from intercup.services.delivery import outbox
from intercup.services.delivery.deliver import deliver_due
from intercup.services.privacy.person import Found
from intercup.services.privacy.person_export import files_of_person
from intercup.services.privacy.purge import purge
from intercup.services.requests.forward import take_file
from intercup.services.requests.forward_links import add_link
from intercup.services.requests.submit import submit_request
from tests.support.forwarding import RTI, TRAPANI, Offices, body_of
from tests.support.hostile_files import JPEG, PDF, PNG, SECRET, picture
from tests.support.kept_files import SEAL, draft_with
from tests.support.made_requests import (
    MAIL_FROM,
    NO_LIMITS,
    count,
    deliveries,
    set_deliveries,
    submission,
    submit,
)
from tests.support.smtp_servers import Caught, MailCatcher

DAY = 86400.0
BASE_URL = "https://intercup.example.it"
ANOTHER_SEAL = file_seal(b"another key")
FILES = (("errore.png", PNG), (f"{SECRET}.pdf", PDF))
LISTED = "> allegato-1.png: errore.png, 1 kB\n> allegato-2.pdf: Segretissima.pdf, 1 kB"


async def waiting(database: Database, draft: FileDraft) -> list[str]:
    async with database.read() as session:
        return [file.name for file in await waiting_files(session, draft)]


async def sent(database: Database) -> list[str | None]:
    async with database.read() as session:
        return list(await session.scalars(select(Attachment.request_number)))


async def deliver(database: Database, catcher: MailCatcher) -> None:
    address = SmtpAddress.parse(catcher.url)
    await deliver_due(database, address, "worker", lambda: time.time() + 1, seal=SEAL)


def files_in(mail: Caught) -> list[tuple[str | None, bytes]]:
    return [
        (part.get_filename(), part.get_payload(decode=True))  # type: ignore[misc]
        for part in mail.message.iter_attachments()  # type: ignore[attr-defined]
    ]


@pytest.mark.both_databases
async def test_a_file_is_sealed_and_kept_once_and_at_most_three_are(database: Database) -> None:
    draft = await draft_with(database, *FILES, ("ancora.png", PNG))
    assert await waiting(database, draft) == ["errore.png", f"{SECRET}.pdf"]
    async with database.read() as session:
        sealed = list(await session.scalars(select(AttachmentContent.sealed)))
    assert [PNG in each or PDF in each for each in sealed] == [False, False]
    with pytest.raises(FileRefused, match="many"):
        await draft_with(database, *FILES, ("a", JPEG), ("b", picture(size=(9, 9))))


@pytest.mark.both_databases
async def test_files_go_with_their_session_and_none_come_after_it(database: Database) -> None:
    await draft_with(database, *FILES)
    async with database.write() as session:
        await session.execute(delete(BrowserSession))
    assert await count(database, AttachmentContent) == 0
    with pytest.raises(NotAuthenticated):
        file = CleanFile("a", FileKind.PNG, PNG)
        await keep_file(database, SEAL, FileDraft("nobody", "nobody", "k"), file, 0.0)


@pytest.mark.both_databases
async def test_of_a_sessions_abandoned_forms_the_oldest_files_go(database: Database) -> None:
    first = await draft_with(database, *FILES)
    for form in range(4):
        draft = FileDraft(first.session_hash, first.person_key, f"form {form}")
        for number in range(3):
            content = picture(size=(number + 1, 9))
            file = CleanFile(f"{form}-{number}.png", FileKind.PNG, content)
            await keep_file(database, SEAL, draft, file, time.time() + 10 * form + number)
    async with database.read() as session:
        names = set(await session.scalars(select(Attachment.name)))
    assert names == {f"{form}-{number}.png" for form in (1, 2, 3) for number in range(3)}


@pytest.mark.both_databases
async def test_unsent_contents_go_with_their_ended_session(database: Database) -> None:
    await draft_with(database, *FILES)
    await purge(database, time.time())
    assert await count(database, AttachmentContent) == 2
    taken = await purge(database, time.time() + DAY)
    assert taken["allegati non inviati"] == 2
    assert (await count(database, Attachment), await count(database, AttachmentContent)) == (0, 0)


@pytest.mark.both_databases
async def test_files_become_the_requests_in_its_transaction_or_stay(
    database: Database, directory: Directory
) -> None:
    draft = await draft_with(database, *FILES)
    await draft_with(database, ("altro.png", picture(size=(9, 9))))
    async with database.write() as session:
        await session.execute(text("ALTER TABLE deliveries RENAME TO hidden"))
    with pytest.raises((ServiceError, DBAPIError)):
        await submit(database, directory, submission("k", draft=draft))
    assert await sent(database) == [None] * 3
    async with database.write() as session:
        await session.execute(text("ALTER TABLE hidden RENAME TO deliveries"))
    made = await submit(database, directory, submission("k", draft=draft))
    assert sorted(map(str, await sent(database))) == sorted([made.number, made.number, "None"])
    async with database.write() as session:
        await session.execute(delete(BrowserSession))
    assert await sent(database) == [made.number] * 2


async def test_sent_again_it_is_the_same_request_and_with_another_file_another(
    database: Database, directory: Directory
) -> None:
    draft = await draft_with(database, *FILES)
    wanted = submission("k", draft=draft)
    first = await submit(database, directory, wanted)
    assert await submit(database, directory, wanted) == first

    more = await draft_with(database)
    await keep_file(database, SEAL, more, CleanFile("b.jpg", FileKind.JPEG, JPEG), 0.0)
    assert (await submit(database, directory, submission("k", draft=more))).number != first.number


async def test_the_office_gets_the_files_and_the_copy_their_names(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    draft = await draft_with(database, *FILES)
    await submit(database, directory, submission(draft=draft))
    await deliver(database, mail_catcher)
    office, copy = sorted(mail_catcher.mails, key=lambda mail: mail.rcpt != [TRAPANI])
    assert files_in(office) == [("allegato-1.png", PNG), ("allegato-2.pdf", PDF)]
    assert files_in(copy) == []
    for mail in (office, copy):
        assert LISTED in body_of(mail)
        assert not any(SECRET in f"{name}{value}" for name, value in mail.message.items())
    raw = next(row.raw for row in await deliveries(database) if row.role == "office")
    assert PNG[:40] not in raw
    assert with_attachments(raw, [PNG, PDF]) == with_attachments(raw, [PNG, PDF])


@pytest.mark.both_databases
async def test_a_file_keeps_its_number_when_an_earlier_one_is_gone(
    offices: Offices, database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    async with database.write() as session:
        rows = (await session.scalars(select(Attachment).order_by(Attachment.created_at))).all()
        await session.delete(await session.get_one(AttachmentContent, rows[0].id))
    await deliver(database, mail_catcher)
    (mail,) = offices.mails_to(TRAPANI)
    assert files_in(mail) == [("allegato-2.pdf", PDF)]
    await set_deliveries(database, "office", attached=False)
    token, now = offices.link_of(TRAPANI).rpartition("/")[2], datetime.now(UTC)
    taken = await take_file(database, SEAL, token, rows[1].id, now)
    assert taken == ("allegato-2.pdf", "pdf", PDF)


@pytest.mark.both_databases
async def test_without_the_key_the_mail_waits_for_a_person(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    address = SmtpAddress.parse(mail_catcher.url)
    await deliver_due(database, address, "worker", lambda: time.time() + 1, seal=ANOTHER_SEAL)
    assert {row.role: row.state for row in await deliveries(database)} == {
        "office": "held",
        "copy": "sent",
    }


@pytest.mark.both_databases
async def test_a_persons_export_goes_on_beyond_a_file_that_cant_be_opened(
    database: Database,
) -> None:
    await draft_with(database, *FILES)
    async with database.write() as session:
        rows = (await session.scalars(select(Attachment).order_by(Attachment.created_at))).all()
        content = await session.get_one(AttachmentContent, rows[0].id)
        content.sealed = ANOTHER_SEAL.seal_bytes(PNG)
        await session.flush()
        found = cast("Found", SimpleNamespace(attachments=rows))
        files = await files_of_person(session, SEAL, found)
    expected = ["non leggibile", b64encode(PDF).decode()]
    assert [file["contenuto in base64"] for file in files] == expected


@pytest.mark.both_databases
async def test_files_too_large_for_a_mail_are_given_on_a_post_until_they_go(
    offices: Offices,
    database: Database,
    directory: Directory,
    mail_catcher: MailCatcher,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser, small = offices.browser, MailSettings(MAIL_FROM, "https://x.example.it", None, 100)

    wanted = submission(draft=await draft_with(database, *FILES))
    now = datetime.now(UTC)
    await submit_request(database, directory, wanted, small, now, NO_LIMITS)
    await deliver(database, mail_catcher)
    (mail,) = offices.mails_to(TRAPANI)
    assert files_in(mail) == []
    assert "si scaricano dalla stessa pagina" in body_of(mail)
    link = offices.link_of(TRAPANI)
    _, page = await offices.look(link)
    assert "Scarica Segretissima.pdf, 1 kB" in page
    async with database.read() as session:
        ids = list(await session.scalars(select(Attachment.id).order_by(Attachment.created_at)))
    async with browser.get(f"{link}/allegato") as response:
        assert response.status == 405
    token = link.rpartition("/")[2]
    assert await take_file(database, SEAL, token, ids[1], now) == ("allegato-2.pdf", "pdf", PDF)
    with pytest.raises(Gone, match="files_gone"):
        await take_file(database, SEAL, token, "another", now)
    with pytest.raises(Gone, match="files_gone"):
        await take_file(database, ANOTHER_SEAL, token, ids[1], now)
    assert "ALARM a file of request" in caplog.text
    await offices.forward(link, "platform")
    for _ in range(2):
        with pytest.raises(Gone):
            await take_file(database, SEAL, token, ids[1], now)


async def test_a_mail_refused_for_its_size_goes_without_files_which_its_page_then_gives(
    offices: Offices, database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    await set_deliveries(database, "office", state="held", last_error="SMTPDataError 552")
    (office,) = [row for row in await deliveries(database) if row.role == "office"]
    async with database.write() as session:
        queued = [
            await outbox.retry(session, ids, time.time(), without_files=True)
            for ids in ([0], [office.id], [office.id])
        ]
    assert queued == [[], [office.id], []]
    await deliver(database, mail_catcher)
    (mail,) = offices.mails_to(TRAPANI)
    assert files_in(mail) == []
    body, before = body_of(mail), message_from_bytes(office.raw, policy=SMTP).get_content()
    note = template("files_note.txt").format(days=administration().retention.mail_days)
    assert note in body
    assert body.replace(note, "") == before.replace("\r\n", "\n")
    assert mail.message["Message-ID"] == office.message_id
    _, page = await offices.look(offices.link_of(TRAPANI))
    assert "Scarica Segretissima.pdf, 1 kB" in page


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"revoked_at": 1.0}, "no_files_page"),
        (None, "passed_on"),
    ],
)
async def test_a_mail_keeps_its_files_while_its_page_would_not_give_them(
    database: Database, directory: Directory, change: dict[str, float] | None, reason: str
) -> None:
    made = await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    await set_deliveries(database, "office", state="held", last_error="SMTPDataError 552")
    passing = Forward(
        request_number=made.number,
        hop=1,
        from_office="x",
        to_office="y",
        note="",
        form_key="z",
        created_at=1.0,
    )
    async with database.write() as session:
        if change:
            await session.execute(update(ForwardLink).values(**change))
            # That of a later addition doesn't stand in this mail.
            await add_link(session, made.number, 0, BASE_URL, datetime.now(UTC))
        else:
            session.add(passing)
    (office,) = [row for row in await deliveries(database) if row.role == "office"]
    with pytest.raises(outbox.NotRetried, match=reason):
        async with database.write() as session:
            await outbox.retry(session, [office.id], time.time(), without_files=True)
    (same,) = [row for row in await deliveries(database) if row.role == "office"]
    assert (same.state, same.attached, same.raw) == ("held", True, office.raw)


@pytest.mark.both_databases
async def test_the_link_in_a_mail_begins_anew_at_each_retry_after_its_end(
    offices: Offices, database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    made = await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    held = {"state": "held", "last_error": "SMTPDataError 552"}
    await set_deliveries(database, "office", **held)
    (office,) = [row for row in await deliveries(database) if row.role == "office"]
    now, life = datetime.now(UTC), LINK_LIFE + timedelta(hours=1)
    async with database.write() as session:
        # A later addition's: it stands in no retried mail, and ends first.
        await add_link(session, made.number, 0, BASE_URL, now - timedelta(hours=1))
    for without_files in (True, False, False):
        now += life
        async with database.write() as session:
            again = await outbox.retry(
                session, [office.id], now.timestamp(), without_files=without_files
            )
        assert again == [office.id]
        async with database.read() as session:
            ends = await session.scalars(select(ForwardLink.expires_at))
            open_until = [each for each in ends if each > now.timestamp()]
        assert open_until == [now.timestamp() + LINK_LIFE.total_seconds()]
        await set_deliveries(database, "office", **held)
    await set_deliveries(database, "office", state="queued", next_attempt_at=0.0)
    await deliver(database, mail_catcher)
    assert (await offices.look(offices.link_of(TRAPANI)))[0] == 200


async def test_a_forward_takes_the_files_along(
    offices: Offices, database: Database, directory: Directory
) -> None:
    await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    offices.seal = SEAL
    await offices.deliver()
    await offices.forward(offices.link_of(TRAPANI), "platform")
    (mail,) = offices.mails_to(RTI)
    assert [name for name, _ in files_in(mail)] == ["allegato-1.png", "allegato-2.pdf"]


@pytest.mark.both_databases
async def test_contents_go_with_the_bodies_of_the_mails_and_names_with_the_request(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory, submission(draft=await draft_with(database, *FILES)))
    await set_deliveries(database, "copy", state="sent", sent_at=0.0, created_at=0.0)
    await purge(database, 31 * DAY)
    assert await count(database, AttachmentContent) == 2
    await set_deliveries(database, "office", state="sent", sent_at=0.0, created_at=0.0)
    await purge(database, 31 * DAY)
    assert (await count(database, AttachmentContent), await count(database, Attachment)) == (0, 2)
    async with database.write() as session:
        await session.execute(update(Request).values(created_at=0.0))
    await purge(database, 367 * DAY)
    assert (await count(database, Attachment), await count(database, Delivery)) == (0, 0)
