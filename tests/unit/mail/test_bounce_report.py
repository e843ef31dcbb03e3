"""Delivery reports as a real mail server writes them, and what only looks like one."""

import time
from email.message import EmailMessage

import pytest

from intercup.mail.bounce_address import BounceAddress, fits
from intercup.mail.bounce_report import Verdict, read_report
from tests.support.paths import SAMPLES

BOUNCE_SAMPLES = SAMPLES / "bounces"
BOUNCES = BounceAddress("assistenza@intercup.example.it", b"k" * 32)
OURS = BOUNCES.of("<ic-1@example.it>", "office", "cup@asp.example.it")


@pytest.mark.parametrize(
    ("sample", "status"),
    [
        ("unknown-user", "5.1.1"),
        ("mailbox-full", "5.2.2"),
        ("mailbox-full-expired", "4.2.2"),
        ("greylisted-expired", "4.7.1"),
        ("host-not-found", "5.4.4"),
        ("too-big", "5.3.4"),
    ],
)
def test_a_failure_is_read_with_its_status(sample: str, status: str) -> None:
    report = read_report((BOUNCE_SAMPLES / f"{sample}.eml").read_bytes(), BOUNCES)
    assert (report.verdict, report.status) == (Verdict.FAILED, status)
    assert BOUNCES.found_in(report.envelope_from) == {report.envelope_from}


@pytest.mark.parametrize(
    ("sample", "verdict"), [("delayed", Verdict.NO_FAILURE), ("vacation", Verdict.NO_REPORT)]
)
def test_a_warning_or_an_absence_is_no_failure(sample: str, verdict: Verdict) -> None:
    assert read_report((BOUNCE_SAMPLES / f"{sample}.eml").read_bytes(), BOUNCES).verdict is verdict


def test_a_report_without_the_standard_form_is_read_too() -> None:
    """The words are qmail's own."""
    message = plain(
        "Hi. This is the qmail-send program at mx.asp.example.it.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<cup@asp.example.it>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
    )
    assert read_report(message, BOUNCES).verdict is Verdict.FAILED


def test_a_citizens_own_mail_is_no_report() -> None:
    assert read_report(plain("Buongiorno, non riesco."), BOUNCES).verdict is Verdict.NO_REPORT


def test_a_mail_is_named_by_the_recipient_alone_and_by_one_only() -> None:
    other = BOUNCES.of("<ic-2@example.it>", "office", "cup@asp.example.it")
    assert read_report(plain("", to="altro@example.it", body_names=OURS), BOUNCES).verdict is (
        Verdict.NOT_OURS
    )
    assert read_report(plain("", to=f"{OURS}, {other}"), BOUNCES).verdict is Verdict.NOT_OURS


def test_a_server_that_changes_the_case_is_understood() -> None:
    report = read_report(plain("", to=OURS.upper()), BOUNCES)
    assert report.envelope_from == OURS


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/report\n\nx"])
def test_anything_else_is_not_ours(raw: bytes) -> None:
    assert read_report(raw, BOUNCES).verdict is Verdict.NOT_OURS


def test_a_report_cut_short_is_still_read() -> None:
    raw = (BOUNCE_SAMPLES / "unknown-user.eml").read_bytes()
    cut = raw[: raw.index(b"Content-Description: Undelivered")]
    assert read_report(cut, BOUNCES).verdict is Verdict.FAILED


def test_an_address_is_stable_and_of_its_mail_alone() -> None:
    assert BOUNCES.of("<ic-1@example.it>", "office", "cup@asp.example.it") == OURS
    others = [
        BOUNCES.of("<ic-2@example.it>", "office", "cup@asp.example.it"),
        BOUNCES.of("<ic-1@example.it>", "copy", "cup@asp.example.it"),
        BOUNCES.of("<ic-1@example.it>", "office", "cup2@asp.example.it"),
        BounceAddress(BOUNCES.mailbox, b"x" * 32).of(
            "<ic-1@example.it>", "office", "cup@asp.example.it"
        ),
    ]
    assert len({OURS, *others}) == 5
    assert fits(BOUNCES.mailbox)
    assert not fits(f"{'a' * 40}@example.it")


def plain(text: str, to: str = OURS, body_names: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "MAILER-DAEMON@mx.asp.example.it"
    message["To"] = to
    message["Subject"] = "failure notice"
    message.set_content(f"{text}\n{body_names}")
    return message.as_bytes()


def test_a_message_that_is_costly_to_read_takes_no_time() -> None:
    """Unbounded, the first would take minutes."""
    part = "--x\r\nContent-Type: text/plain{}\r\n\r\n"
    costly = {
        "parameters": "Content-Type: text/plain" + '";' * 32_000,
        "parameters on many lines": "Content-Type: text/plain;" + "\r\n a=b;" * 16_000,
        "many parts": 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        + part.format(";" * 5_000) * 49,
        "more parts": 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        + part.format(";" * 400) * 500,
    }
    seconds = {}
    for name, text in costly.items():
        start = time.process_time()
        assert read_report(from_a_daemon(text), BOUNCES).verdict is not Verdict.FAILED, name
        seconds[name] = time.process_time() - start
    assert max(seconds.values()) < 3, seconds


def test_a_message_that_the_library_cannot_read_stops_no_other() -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n" for n in range(2_000)
    )
    for text in (
        nested,
        "Content-Type: message/rfc822\r\n\r\n" * 5_000,
        "Content-Type: a/b; c*=d; c*0=e",
    ):
        assert read_report(from_a_daemon(text), BOUNCES).verdict is not Verdict.FAILED


def from_a_daemon(text: str) -> bytes:
    return f"From: MAILER-DAEMON\r\nReturn-Path: <>\r\nTo: {OURS}\r\n{text}".encode()
