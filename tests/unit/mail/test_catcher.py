"""A mail of the demo's mailbox is shown as far as it can be read."""

from pathlib import Path

import pytest

from intercup.mail.catcher import read_caught

HEAD = b"X-Caught-Recipient: rosa@example.it\r\nSubject: Prova\r\n"


def shown(folder: Path, mail: bytes) -> str:
    path = folder / "mail.eml"
    path.write_bytes(HEAD + mail)
    caught = read_caught(path)
    assert caught["rcpt"] == ["rosa@example.it"]
    assert caught["subject"] == "Prova"
    caught["body"].encode("utf-8")
    return caught["body"]


@pytest.mark.parametrize("charset", ["x-unknown", "klingon-8", "hex", "idna", "undefined", '"'])
def test_a_charset_that_nobody_knows_hides_no_text(tmp_path: Path, charset: str) -> None:
    mail = f"Content-Type: text/plain; charset={charset}\r\n\r\nSi blocca: perché?\r\n"
    assert "Si blocca: perch" in shown(tmp_path, mail.encode())


def test_an_unknown_charset_in_base64_is_decoded(tmp_path: Path) -> None:
    mail = b"Content-Type: text/plain; charset=x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert shown(tmp_path, mail + b"U2kgYmxvY2Nh\r\n") == "Si blocca"


def test_a_mail_is_read_only_once(tmp_path: Path) -> None:
    assert shown(tmp_path, b"\r\nprima\r\n") == shown(tmp_path, b"\r\nseconda\r\n")


@pytest.mark.parametrize(
    "mail",
    [
        b"Content-Type: multipart/mixed\r\n\r\nSi blocca\r\n",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\nSi blocca\r\n",
        b"Content-Type: text/html\r\n\r\n<p>Si blocca</p>\r\n",
        b"Content-Type: text/plain; charset=unicode_escape\r\n\r\nSi blocca \\ud800\r\n",
        b"Content-Transfer-Encoding: x-unknown\r\n\r\nSi blocca\r\n",
        b"From: =?x-unknown?q?rosa?= <\r\nTo: <<>>, :;\r\nCc: @\r\n\r\nSi blocca\r\n",
        b"Date: never\r\n\r\nSi blocca \xff\r\n",
    ],
)
def test_a_malformed_mail_is_shown_all_the_same(tmp_path: Path, mail: bytes) -> None:
    assert "Si blocca" in shown(tmp_path, mail)
