"""Shapes of delivery reports: each failure is read, and nothing else is taken for one."""

from base64 import encodebytes
from quopri import encodestring

import pytest

from intercup.mail.bounce_address import BounceAddress
from intercup.mail.bounce_report import Verdict, read_report

BOUNCES = BounceAddress("assistenza@intercup.example.it", b"k" * 32)
OURS = BOUNCES.of("<ic-1@example.it>", "office", "cup@asp.example.it")
STATUS = (
    "Reporting-MTA: dns; mx.example.it\n\n"
    "Final-Recipient: rfc822; cup@asp.example.it\nAction: failed\nStatus: 5.1.1\n"
)
RETURNED = "Content-Type: message/rfc822\n\nSubject: [InterCup] Problema tecnico\n\nciao\n"


def mail(body: str, *headers: str, sender: str = "MAILER-DAEMON@mx.example.it") -> bytes:
    head = "\n".join((f"From: {sender}", f"To: {OURS}", "Subject: Undelivered", *headers))
    return f"{head}\n{body}".encode()


CARRIED = "Content-Type: message/rfc822\n\n"
SIGNED = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
SIGNATURE = (
    'Content-Type: application/pkcs7-signature; name="smime.p7s"\n'
    "Content-Transfer-Encoding: base64\n\nMIIB\n"
)
PERSON = "rosa@pec.example.it"


def report(
    status: str,
    kind: str = "message/delivery-status",
    encoding: str = "7bit",
    outer: str = "multipart/report; report-type=delivery-status",
) -> bytes:
    part = f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{status}"
    text = "Content-Type: text/plain\n\nIl messaggio torna indietro.\n"
    body = "\n--b\n" + "\n--b\n".join((text, part, RETURNED)) + "\n--b--\n"
    return mail(body, "MIME-Version: 1.0", f'Content-Type: {outer}; boundary="b"')


def pec(kind: str, *, in_header: bool = True) -> bytes:
    xml = f'<?xml version="1.0"?>\n<postacert tipo="{kind}" errore="no-dest"><intestazione/>'
    part = (
        'Content-Type: application/xml; name="daticert.xml"\n'
        'Content-Disposition: inline; filename="daticert.xml"\n'
        f"Content-Transfer-Encoding: base64\n\n{encodebytes(xml.encode()).decode()}"
    )
    body = f"\n--b\nContent-Type: text/plain\n\nAvviso\n--b\n{part}\n--b--\n"
    headers = ("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
    extra = (f"X-Ricevuta: {kind}",) if in_header else ()
    return mail(body, *headers, *extra, sender="posta-certificata@pec.example.it")


def envelope(kind: str, carried: bytes) -> bytes:
    """Put a mail into a PEC server's signed envelope, as it comes to a PEC mailbox."""
    parts = ("Content-Type: text/plain\n\nBusta, 5.1.1", f"{CARRIED}{carried.decode()}")
    mixed = "\n--e\n" + "\n--e\n".join(parts) + "\n--e--\n"
    signed = (f'Content-Type: multipart/mixed; boundary="e"\n{mixed}', SIGNATURE)
    body = "\n--s\n" + "\n--s\n".join(signed) + "\n--s--\n"
    headers = ("MIME-Version: 1.0", f'Content-Type: {SIGNED}; boundary="s"')
    return mail(body, *headers, f"X-Trasporto: {kind}", sender="posta-certificata@pec.example.it")


def changed(before: str, after: str) -> bytes:
    assert before in STATUS
    return report(STATUS.replace(before, after))


FAILURES = {
    "plain": report(STATUS),
    "carriage returns": report(STATUS).replace(b"\n", b"\r\n"),
    "base64": report(encodebytes(STATUS.encode()).decode(), encoding="base64"),
    "base64 in capitals": report(encodebytes(STATUS.encode()).decode(), encoding="BASE64"),
    "quoted-printable": report(
        encodestring(STATUS.encode()).decode().replace("failed", "fail=65d"),
        encoding="quoted-printable",
    ),
    "global": report(
        STATUS.replace("rfc822; cup", "utf-8; perché"), "message/global-delivery-status", "8bit"
    ),
    "global base64": report(
        encodebytes(STATUS.encode()).decode(), "message/global-delivery-status", "base64"
    ),
    "comment after action": changed("failed", "failed (permanent failure)"),
    "comment before action": changed("failed", "(final) Failed"),
    "action in capitals": changed("failed", "FAILED"),
    "comment after status": changed("5.1.1", "5.1.1 (bad destination mailbox)"),
    "folded fields": changed("Action: failed", "Action:\n failed"),
    "no action": changed("Action: failed\n", ""),
    "unknown action": changed("failed", "undeliverable"),
    "no status": changed("Status: 5.1.1\n", ""),
    "original recipient only": changed("Final-Recipient", "Original-Recipient"),
    "blank line with spaces": report(STATUS.replace("\n\n", "\n \t\n")),
    "expired after delays": changed("5.1.1", "4.4.7"),
    "second of two recipients": report(
        STATUS.replace("failed", "delivered").replace("5.1.1", "2.1.5") + "\n" + STATUS
    ),
    "in a mixed message": report(STATUS, outer="multipart/mixed"),
    "as a text": report(STATUS, kind="text/plain"),
    "alone": mail(f"Content-Type: message/delivery-status\n\n{STATUS}", "MIME-Version: 1.0"),
    "pec": pec("errore-consegna"),
    "pec by its data": pec("errore-consegna", in_header=False),
    "pec not accepted": pec("non-accettazione"),
    "pec virus": pec("rilevazione-virus"),
    "an ordinary report in a pec mailbox": envelope("errore", report(STATUS)),
    "a daemon's words": mail("\nL'utente non esiste: 550 5.1.1 casella sconosciuta\n"),
    "qmail": mail(
        "\nHi. This is the qmail-send program at mx.example.it.\nI'm afraid I wasn't able to"
        " deliver your message to the following addresses.\nThis is a permanent error; I've given"
        " up. Sorry it didn't work out.\n\n<cup@asp.example.it>:\nSorry, no mailbox (#5.1.1)\n"
    ),
    "exim": mail("\nThis message was created automatically.\n", "X-Failed-Recipients: cup@asp.it"),
}
NO_FAILURES = {
    "delayed": changed("Action: failed\nStatus: 5.1.1", "Action: delayed\nStatus: 4.4.1"),
    "delayed by a 5": changed("failed", "delayed (will be retried)"),
    "delivered": changed("Action: failed\nStatus: 5.1.1", "Action: delivered\nStatus: 2.1.5"),
    "relayed": changed("Action: failed\nStatus: 5.1.1", "Action: relayed\nStatus: 2.0.0"),
    "expanded": changed("Action: failed\nStatus: 5.1.1", "Action: expanded\nStatus: 2.0.0"),
    "pec accepted": pec("accettazione"),
    "pec delivered": pec("avvenuta-consegna", in_header=False),
    "a person's pec": envelope("posta-certificata", mail("\nVedo 550 5.1.1\n", sender=PERSON)),
    "a person's ordinary mail": envelope("errore", mail("\nVedo 550 5.1.1\n", sender=PERSON)),
    "a delay in a pec mailbox": envelope("errore", changed("failed", "delayed")),
    "an empty envelope": envelope("errore", b""),
    "pec first warning": pec("preavviso-errore-consegna"),
    "a daemon's delay": mail("\nWarning: delayed, will be retried. Last: 550 5.1.1 x\n"),
    "read": report(
        "Disposition: automatic-action/MDN-sent-automatically; failed\nStatus: 5.1.1\n",
        kind="message/disposition-notification",
        outer="multipart/report; report-type=disposition-notification",
    ),
    "complaint": report(
        "Feedback-Type: abuse\n",
        kind="message/feedback-report",
        outer="multipart/report; report-type=feedback-report",
    ),
    "absence": mail("\nSono in ferie.\n", "Auto-Submitted: auto-replied", sender="cup@asp.it"),
    "a person who quotes a code": mail("\nAnche io vedo 550 5.1.1\n", sender="rosa@example.it"),
    "a returned mail that holds a report": mail(
        f"\n--b\nContent-Type: text/plain\n\nInoltro.\n--b\nContent-Type: message/rfc822\n\n"
        f"Subject: x\nContent-Type: message/delivery-status\n\n{STATUS}\n--b--\n",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        sender="rosa@example.it",
    ),
}


@pytest.mark.parametrize("shape", FAILURES)
def test_every_shape_of_a_failure_is_read(shape: str) -> None:
    assert read_report(FAILURES[shape], BOUNCES).verdict is Verdict.FAILED


@pytest.mark.parametrize("shape", NO_FAILURES)
def test_what_is_no_failure_stays_none(shape: str) -> None:
    verdict = read_report(NO_FAILURES[shape], BOUNCES).verdict
    assert verdict in (Verdict.NO_FAILURE, Verdict.NO_REPORT)
