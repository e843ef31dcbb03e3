"""Receipts of certified mail: kept with the delivery; a failure is a bounce."""

import logging
import time

import pytest
from sqlalchemy import delete

from intercup.db.engine import Database
from intercup.db.tables import Delivery, PecReceipt, Request
from intercup.domain.directory import Directory
from intercup.domain.pec import ReceiptKind
from intercup.mail.bounce_address import PecMailbox, ReportAddress
from intercup.services.delivery import outbox
from intercup.services.delivery.alarm import Watch, tell_of_troubles
from intercup.services.delivery.bounces import Handled, handle_message
from intercup.services.delivery.receipts import Receipt, receipts_of
from intercup.services.requests.lookup import requests_of
from tests.support.bounce_reports import BOUNCES
from tests.support.delivering import OFFICE, deliver
from tests.support.made_requests import AGATA, MAIL_FROM, count, deliveries, states, submit
from tests.support.pec_receipts import ISSUED, daticert, pec_receipt
from tests.support.smtp_servers import MailCatcher

pytestmark = pytest.mark.both_databases

PEC = PecMailbox(MAIL_FROM)
ACCEPTED, DELIVERED = ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED
LATE, NOT_DELIVERED = ReceiptKind.LATE, ReceiptKind.NOT_DELIVERED
NOT_ACCEPTED = ReceiptKind.NOT_ACCEPTED
LAUGHS = (
    '<!DOCTYPE postacert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


async def handle(database: Database, raw: bytes, address: ReportAddress = PEC) -> Handled:
    return await handle_message(database, address, raw, time.time())


async def kept(database: Database) -> dict[str, list[Receipt]]:
    """The receipts of each recipient."""
    rows = await deliveries(database)
    async with database.read() as reading:
        found = await receipts_of(reading, [row.id for row in rows])
    return {row.recipient: found[row.id] for row in rows if row.id in found}


@pytest.fixture
async def sent(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> list[Delivery]:
    """A request whose mails the relay has taken; the office's row comes first."""
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    return list(await deliveries(database))


async def test_receipts_are_kept_with_the_mail_and_recipient_that_they_name(
    database: Database, sent: list[Delivery]
) -> None:
    office, copy = sent
    assert office.message_id == copy.message_id
    for kind in (ACCEPTED, LATE, DELIVERED):
        assert await handle(database, pec_receipt(kind, office)) is Handled.RECEIPT
    assert await handle(database, pec_receipt(ACCEPTED, copy)) is Handled.RECEIPT
    found = await kept(database)
    assert sorted(found[OFFICE], key=lambda each: each.kind) == [
        Receipt(kind, ISSUED) for kind in sorted((ACCEPTED, LATE, DELIVERED))
    ]
    assert found[AGATA.email] == [Receipt(ACCEPTED, ISSUED)]
    assert set((await states(database)).values()) == {"sent"}


async def test_a_mail_that_was_not_delivered_waits_for_a_person_and_the_citizen_is_told(
    database: Database, sent: list[Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await handle(database, pec_receipt(NOT_DELIVERED, sent[0])) is Handled.MARKED
    assert await states(database) == {OFFICE: "held", AGATA.email: "sent"}
    assert (await deliveries(database))[0].last_error == "bounce errore-consegna"
    assert [each.kind for each in (await kept(database))[OFFICE]] == [NOT_DELIVERED]
    assert [entry.state for entry in await requests_of(database, AGATA.person_key)] == ["held"]
    assert "bounce errore-consegna" in caplog.text and "@" not in caplog.text


def of_either(sent: list[Delivery]) -> bytes:
    """A failure that fits both mails."""
    office, copy = sent
    end = "</destinatari>"
    both = f"{end}<destinatari>{copy.recipient}{end}"
    data = daticert(NOT_ACCEPTED, office).replace(end, both)
    return pec_receipt(NOT_ACCEPTED, office, data=data)


async def test_a_failure_that_fits_two_mails_is_kept_with_both_and_marks_none(
    database: Database, sent: list[Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    office, copy = sent
    raw = of_either(sent)
    assert await handle(database, raw) is Handled.RECEIPT
    assert set((await states(database)).values()) == {"sent"}
    doubtful = [Receipt(NOT_ACCEPTED, ISSUED, doubtful=True)]
    assert await kept(database) == {OFFICE: doubtful, AGATA.email: doubtful}
    troubles = [f"receipt {office.id}", f"receipt {copy.id}"]
    assert await tell_of_troubles(database, Watch(), time.time()) == troubles
    assert await tell_of_troubles(database, Watch(), time.time()) == []
    alarm = f"ALARM one of the deliveries {office.id}, {copy.id} failed: non-accettazione"
    assert alarm in caplog.text and "@" not in caplog.text
    assert await handle(database, raw) is Handled.DUPLICATE


async def test_a_second_failure_that_fits_both_with_the_same_identifier_is_told_too(
    database: Database, sent: list[Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    for raw in (of_either(sent), of_either(sent) + b"\n"):
        caplog.clear()
        assert await handle(database, raw) is Handled.RECEIPT
        assert f"ALARM one of the deliveries {sent[0].id}, {sent[1].id} failed" in caplog.text
        assert await handle(database, raw) is Handled.DUPLICATE
    assert [len(receipts) for receipts in (await kept(database)).values()] == [2, 2]


@pytest.mark.parametrize("certain_first", [False, True])
async def test_a_certain_receipt_stands_for_the_doubtful_ones_of_its_mail(
    database: Database,
    sent: list[Delivery],
    caplog: pytest.LogCaptureFixture,
    certain_first: bool,
) -> None:
    raws = [of_either(sent), pec_receipt(NOT_ACCEPTED, sent[0])]
    for raw in reversed(raws) if certain_first else raws:
        await handle(database, raw)
    assert await states(database) == {OFFICE: "held", AGATA.email: "sent"}
    assert await kept(database) == {
        OFFICE: [Receipt(NOT_ACCEPTED, ISSUED)],
        AGATA.email: [Receipt(NOT_ACCEPTED, ISSUED, doubtful=True)],
    }
    assert f"ALARM one of the deliveries {sent[0].id}, {sent[1].id} failed" in caplog.text
    assert await handle(database, raws[1] + b"\n") is Handled.DUPLICATE


async def test_a_failure_that_names_no_recipient_marks_the_only_mail_that_it_fits(
    database: Database, sent: list[Delivery]
) -> None:
    raw = pec_receipt(NOT_ACCEPTED, sent[0])
    assert await handle(database, raw) is Handled.MARKED
    assert await states(database) == {OFFICE: "held", AGATA.email: "sent"}


async def test_the_same_receipt_counts_once_and_stays_when_the_mail_is_sent_again(
    database: Database, sent: list[Delivery]
) -> None:
    raw = pec_receipt(NOT_DELIVERED, sent[0])
    assert await handle(database, raw) is Handled.MARKED
    assert await handle(database, raw) is Handled.DUPLICATE
    assert await handle(database, raw + b"\n") is Handled.DUPLICATE
    async with database.write() as session:
        assert await outbox.retry(session, [sent[0].id], time.time()) == [sent[0].id]
    assert len((await kept(database))[OFFICE]) == 1


async def test_the_data_alone_are_enough(database: Database, sent: list[Delivery]) -> None:
    raw = pec_receipt(ACCEPTED, sent[0], refers=False)
    assert await handle(database, raw) is Handled.RECEIPT
    bare = daticert(DELIVERED, sent[0], msgid=sent[0].message_id.strip("<>"))
    raw = pec_receipt(DELIVERED, sent[0], data=bare, refers=False)
    assert await handle(database, raw) is Handled.RECEIPT
    assert len((await kept(database))[OFFICE]) == 2


async def test_the_address_of_a_mail_names_it_where_it_has_one_of_its_own(
    database: Database, sent: list[Delivery]
) -> None:
    office = sent[0]
    async with database.write() as session:
        row = await session.get_one(Delivery, office.id)
        row.envelope_from = address = BOUNCES.of(office.message_id, "office", OFFICE)
    raw = pec_receipt(DELIVERED, office, to=address)
    assert await handle(database, raw, BOUNCES) is Handled.RECEIPT
    assert await handle(database, pec_receipt(DELIVERED, office), BOUNCES) is Handled.UNKNOWN
    assert [each.kind for each in (await kept(database))[OFFICE]] == [DELIVERED]


async def test_what_others_write_or_is_about_other_mails_changes_nothing(
    database: Database, sent: list[Delivery]
) -> None:
    office = sent[0]
    in_envelope = pec_receipt(NOT_DELIVERED, office, "X-Trasporto: errore")
    other = pec_receipt(NOT_DELIVERED, office).replace(OFFICE.encode(), b"x@example.it")
    elsewhere = pec_receipt(NOT_DELIVERED, office, to="altra@pec.example.it")
    xml = daticert(NOT_DELIVERED, office).replace(OFFICE, "x@example.it")
    nobody = pec_receipt(NOT_DELIVERED, office, data=xml.replace(OFFICE.title(), "x@example.it"))
    unnamed = pec_receipt(NOT_DELIVERED, office, data=daticert(NOT_DELIVERED, office, msgid=""))
    unnamed = unnamed.replace(office.message_id.encode(), b"<other@example.it>")
    plain = b"From: x@example.it\nTo: " + MAIL_FROM.encode() + b"\n\nciao\n"
    for raw in (in_envelope, elsewhere, nobody, unnamed, plain):
        assert await handle(database, raw) is Handled.UNKNOWN
    assert await handle(database, other) is Handled.MARKED, "the data count, not the words"
    taken = pec_receipt("presa-in-carico", office)
    assert await handle(database, taken) is Handled.IGNORED


@pytest.mark.parametrize(
    "data",
    ["", "<postacert", "\x00", "<postacert tipo='errore-consegna'><dati>&c;&f;</dati></postacert>"],
)
async def test_hostile_data_neither_expand_nor_name_a_mail(
    database: Database, sent: list[Delivery], data: str
) -> None:
    raw = pec_receipt(NOT_DELIVERED, sent[0], data=data and f"{LAUGHS}{data}")
    assert await handle(database, raw) is Handled.UNKNOWN
    assert await kept(database) == {}


async def test_entities_in_the_data_of_a_true_receipt_are_left_unread(
    database: Database, sent: list[Delivery]
) -> None:
    data = daticert(DELIVERED, sent[0], told=LAUGHS).replace("Gestore S.p.A.", "&c;&f;")
    assert await handle(database, pec_receipt(DELIVERED, sent[0], data=data)) is Handled.RECEIPT


async def test_receipts_go_with_their_request(database: Database, sent: list[Delivery]) -> None:
    assert await handle(database, pec_receipt(DELIVERED, sent[0])) is Handled.RECEIPT
    async with database.write() as session:
        await session.execute(delete(Request))
    assert await count(database, PecReceipt) == 0
