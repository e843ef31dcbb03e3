"""The lines of every kind of mail: a paragraph is one, and only the way to the reader wraps it."""

import re
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercup.domain.directory import Directory
from intercup.mail.compose import quoted
from intercup.mail.compose_alarm import AlarmMail, compose_alarm
from tests.support.kinds_of_mail import AT, DESCRIPTION, FROM, KEY, kinds_of_mail

PHONE = 30  # characters, the least that a phone shows in a line
WIRE = 76  # Source: RFC 2045, section 6.7
# A label with its value, a consent, a sentence that ends.
WHOLE = re.compile(r"[A-ZÈ][\w' -]{1,40}: |\[X\] |.*[.:?]$|    ")


@dataclass(frozen=True)
class Read:
    """A mail read by a decoder of this file's own: its wire lines, and the text that it says."""

    wire: list[bytes]
    text: str


def read(raw: bytes) -> Read:
    """Read the mail's text, the first part of several."""
    head, _, body = raw.partition(b"\r\n\r\n")
    if boundary := re.search(rb'boundary="(.+?)"', head):
        part = body.split(b"--" + boundary[1])[1]
        head, _, body = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
    assert b"Content-Transfer-Encoding: quoted-printable" in head
    joined = re.sub(rb"=\r\n", b"", body)
    said = re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), joined)
    return Read(body.split(b"\r\n"), said.decode().replace("\r\n", "\n"))


@pytest.fixture(scope="module")
def mails(directory: Directory) -> dict[str, Read]:
    return {name: read(raw) for name, raw in kinds_of_mail(directory).items()}


def test_no_line_on_the_way_is_too_long(mails: dict[str, Read]) -> None:
    longest = {name: max(map(len, mail.wire)) for name, mail in mails.items()}
    assert {name: length for name, length in longest.items() if length > WIRE} == {}


def test_no_paragraph_is_broken_before_its_reader_breaks_it(mails: dict[str, Read]) -> None:
    """A narrow screen breaks each line again: only the rest of a sentence would show it."""
    for name, mail in mails.items():
        own = [line for line in mail.text.split("\n") if not line.startswith(">")]
        for line, following in pairwise(own):
            is_heading = set(following) <= set("-")
            if following and not is_heading and len(line) > PHONE:
                assert WHOLE.match(line), (name, line)
        rules = [line for line in own if line and set(line) <= set("-=")]
        assert all(len(rule) <= PHONE for rule in rules), name


def test_a_link_is_a_line_or_the_end_of_one(mails: dict[str, Read]) -> None:
    links = re.compile(rf"https://intercup\.example\.it/(?:inoltra|risposta)/{KEY}(?:\?si|\?no)?$")
    with_link = {name for name, mail in mails.items() if KEY in mail.text}
    assert {"request", "forward", "addition", "question"} <= with_link
    for name in with_link:
        lines = [line for line in mails[name].text.split("\n") if KEY in line]
        assert [line for line in lines if not links.search(line)] == [], name


@pytest.mark.parametrize("name", ["request", "request-files", "copy", "copy-ar", "addition"])
def test_the_citizens_lines_are_the_citizens(mails: dict[str, Read], name: str) -> None:
    assert f"\n{quoted(DESCRIPTION)}\n" in mails[name].text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_any_line_comes_whole_through_short_ones(line: str) -> None:
    _, raw = compose_alarm(AlarmMail("x", (line,), FROM, AT, FROM))
    got = read(raw)
    assert f"\n\n{line}\n\n" in got.text
    assert max(map(len, got.wire)) <= WIRE
