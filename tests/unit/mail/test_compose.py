"""The mail about a request: exact headers, and the description as it was typed."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.normalise import normalise
from intercup.domain.request import Citizen
from intercup.mail.compose import (
    FilesWay,
    OfficeLink,
    RequestMail,
    compose_request,
    message_id_of,
    with_files_on_page,
)
from tests.support.mails import body_in, described, parsed

CITIZEN = Citizen("k", "Niccolò", "D'Amico", "n.damico@example.it")
TEXT = "Il sito si blocca dopo la scelta della data."
HEADERS = [
    ("From", "InterCup Assistenza <assistenza@intercup.example.it>"),
    ("To", "f.dantonino@ads.it"),
    ("Cc", "n.damico@example.it"),
    ("Reply-To", "n.damico@example.it"),
    (
        "Subject",
        "[InterCup] Problema tecnico - A.O. Papardo di Messina - richiesta IC-AAAA-BBBB-CCCC",
    ),
    ("Date", "Fri, 01 Aug 2025 10:30:00 +0000"),
    ("Message-ID", "<ic-aaaa-bbbb-cccc@intercup.example.it>"),
    ("Content-Language", "it"),
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
    ("Content-Type", 'text/plain; charset="utf-8"'),
    ("Content-Transfer-Encoding", "quoted-printable"),
    ("MIME-Version", "1.0"),
]


@pytest.fixture(scope="module")
def mail(directory: Directory) -> RequestMail:
    return RequestMail(
        number="IC-AAAA-BBBB-CCCC",
        category=directory.category_by_id["technical"],
        structure_name=directory.structure_by_id["ao_papardo"].name,
        office=directory.office_for("technical", "ao_papardo"),
        citizen=CITIZEN,
        texts=described(TEXT),
        consents=CONSENTS,
        created_at=datetime(2025, 8, 1, 10, 30, tzinfo=UTC),
        mail_from="assistenza@intercup.example.it",
    )


LINK = OfficeLink("https://i.example.it/inoltra/abc", datetime(2025, 10, 29, 23, 30, tzinfo=UTC))


def description_in(raw: bytes) -> str:
    """Return the description, which is marked line by line."""
    body = body_in(raw)
    _, _, rest = body.partition("Descrizione\n-----------\n")
    lines = rest.rpartition("\n\nConsensi\n--------\n")[0].split("\n")
    assert all(line == ">" or line.startswith("> ") for line in lines)
    return "\n".join(line[2:] for line in lines)


def unmarked(raw: bytes) -> str:
    """Return what the service itself says in a mail."""
    return "\n".join(line for line in body_in(raw).splitlines() if not line.startswith(">"))


def test_the_headers_are_these_and_no_others(mail: RequestMail) -> None:
    assert sorted(parsed(compose_request(replace(mail, link=LINK))).items()) == sorted(HEADERS)


def test_the_copy_is_answered_to_the_office(mail: RequestMail, directory: Directory) -> None:
    answered = [pair for pair in HEADERS if pair[0] != "Reply-To"]
    assert sorted(parsed(compose_request(mail)).items()) == sorted(
        [*answered, ("Reply-To", "f.dantonino@ads.it")]
    )
    two = replace(mail, office=directory.office_for("technical", "ao_villa_sofia_cervello"))
    copy = parsed(compose_request(two))
    assert copy["Reply-To"] == copy["To"] == "kdimiceli@villasofia.it, zacchino@olomedia.it"


def test_each_reader_has_a_foot_of_their_own(mail: RequestMail) -> None:
    office, copy = (
        body_in(compose_request(replace(mail, link=link))).partition("\n--\n")[2]
        for link in (LINK, None)
    )
    assert "Per rispondere al cittadino" in office
    assert "Per aggiungere qualcosa" in copy
    assert "al cittadino" not in copy


def test_a_mail_whose_files_went_to_its_page_is_the_one_that_had_none(mail: RequestMail) -> None:
    to_mail, to_page = (replace(LINK, files=way) for way in (FilesWay.MAIL, FilesWay.PAGE))
    text = described("Testo.\n--\nFirma")
    attached = compose_request(replace(mail, texts=text, link=to_mail))
    on_page = compose_request(replace(mail, texts=text, link=to_page))
    assert body_in(with_files_on_page(attached)) == body_in(on_page)
    older = attached.replace(b"Messaggio preparato", b"E-mail preparata")
    assert older != attached
    assert "consegna.\n\n--\nInterCup" in body_in(with_files_on_page(older))


def test_the_longest_subject_is_one_line(mail: RequestMail, directory: Directory) -> None:
    for structure in directory.structures:
        raw = compose_request(replace(mail, structure_name=structure.name))
        assert re.search(rb"(?m)^Subject: \[InterCup\] .* - richiesta IC-AAAA-BBBB-CCCC\r$", raw)


def test_a_description_can_imitate_nothing_of_the_service(mail: RequestMail) -> None:
    """It holds the whole mail of another request, with its link and foot, on every kind of line."""
    forged = body_in(compose_request(replace(mail, link=LINK, texts=described("Falso."))))
    forged = forged.replace("i.example.it", "altro.example.com").replace("\n\n", "\u2029\x0b\n\x85")
    raw = compose_request(replace(mail, link=LINK, texts=described(forged)))
    own = unmarked(raw)
    assert re.findall(r"\S+://\S+", own) == [LINK.url]
    assert own == unmarked(compose_request(replace(mail, link=LINK)))


def test_a_name_of_several_lines_is_one(mail: RequestMail) -> None:
    citizen = Citizen("k", "Ada\n\nConsensi\n--------", "Rossi\u2028--", CITIZEN.email)
    body = body_in(compose_request(replace(mail, citizen=citizen)))
    assert "Cittadino: Ada Consensi -------- Rossi --\nIndirizzo" in body


def test_every_address_of_the_office_is_in_to(mail: RequestMail, directory: Directory) -> None:
    office = directory.office_for("technical", "ao_villa_sofia_cervello")
    message = parsed(compose_request(replace(mail, office=office)))
    assert message["To"] == "kdimiceli@villasofia.it, zacchino@olomedia.it"


def test_the_body_says_all_in_italian_time(mail: RequestMail) -> None:
    body = body_in(compose_request(mail))
    assert "Richiesta numero: IC-AAAA-BBBB-CCCC\n" in body
    assert "Struttura: A.O. Papardo di Messina\n" in body
    assert "Cittadino: Niccolò D'Amico\n" in body
    assert "Registrata il: 01/08/2025 alle 12:30:00\n" in body
    in_one_line = " ".join(body.split())
    assert all(f"[X] {consent.text} accettato il" in in_one_line for consent in CONSENTS)


def test_only_the_office_has_a_link(mail: RequestMail) -> None:
    office = body_in(compose_request(replace(mail, link=LINK)))
    copy = body_in(compose_request(mail))
    before, mark, after = office.partition("Presa in carico, risposta, inoltro\n")
    assert mark
    assert copy.startswith(before)
    assert "\n\nhttps://i.example.it/inoltra/abc\n\n" in after
    assert "vale fino al 30/10/2025:" in after
    assert "/inoltra/" not in copy


def test_the_mail_names_the_structure(mail: RequestMail) -> None:
    body = body_in(compose_request(replace(mail, structure_name="ASP Uno")))
    assert "Struttura: ASP Uno\n" in body


def test_a_request_about_none_names_no_structure(mail: RequestMail) -> None:
    subject = parsed(compose_request(replace(mail, structure_name="")))["Subject"]
    assert subject == "[InterCup] Problema tecnico - richiesta IC-AAAA-BBBB-CCCC"


def test_the_same_request_gives_the_same_bytes(mail: RequestMail) -> None:
    assert compose_request(mail) == compose_request(mail)


def test_the_bytes_are_ready_for_smtp(mail: RequestMail) -> None:
    raw = compose_request(replace(mail, texts=described(f"{TEXT}\n\nÈ così da ieri 😅")))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def test_the_message_id_depends_on_the_number_and_the_sender_only() -> None:
    assert message_id_of("IC-AAAA", "x@example.it") == "<ic-aaaa@example.it>"


@pytest.mark.parametrize(
    "attack",
    [
        "x\nBcc: evil@example.com",
        "x\r\nSubject: altro\r\n\r\ncorpo",
        "=?utf-8?q?Bcc=3A_evil=40example=2Ecom?=",
        "Rossi, Mario <evil@example.com>",
        '"\\"\r\nX-Evil: 1',
    ],
)
def test_a_description_or_name_adds_no_header(mail: RequestMail, attack: str) -> None:
    citizen = Citizen("k", attack, attack, CITIZEN.email)
    raw = compose_request(replace(mail, texts=described(attack), citizen=citizen, link=LINK))
    assert sorted(parsed(raw).items()) == sorted(HEADERS)


@pytest.mark.parametrize("address", ["x@b.it\r\nBcc: e@f.it", "x@b.it, e@f.it", "x@b.it>\nA: b"])
def test_an_address_that_adds_a_header_or_recipient_is_refused(
    mail: RequestMail, address: str
) -> None:
    citizen = Citizen("k", "A", "B", address)
    with pytest.raises(ValueError, match=r"."):
        compose_request(replace(mail, citizen=citizen))


@pytest.mark.parametrize(
    "text",
    [
        ".\n..\n.punto\nfine.",
        "From: qualcuno\nFrom qualcuno\n>From altri",
        "riga lunghissima " * 110,
        "x" * 2_000,
        "😅 Å … è perché, così 👨‍👩‍👧 漢字",
        "spazi in fondo   \n\ttab all'inizio\t\n   e prima",
        "uguale = e =20 e =C3=A8 e soft=\nbreak",
        "graffe {number} {0} {{}} %s %(x)s",
        "-- \nfirma\n\n\n\nfine",
        "<script>alert(1)</script> & &amp;",
        "--===============123==\nContent-Type: text/html",
    ],
)
def test_the_description_arrives_as_it_was_typed(mail: RequestMail, text: str) -> None:
    assert description_in(compose_request(replace(mail, texts=described(text)))) == text


def test_a_description_with_other_line_ends_arrives_line_by_line(mail: RequestMail) -> None:
    raw = compose_request(replace(mail, texts=described(normalise("una\r\ndue\rtre\u2028quattro"))))
    assert description_in(raw) == "una\ndue\ntre\nquattro"


@given(st.text(st.characters(codec="utf-8"), min_size=1).map(normalise))
def test_any_normalised_description_arrives_as_it_is(mail: RequestMail, text: str) -> None:
    assert description_in(compose_request(replace(mail, texts=described(text)))) == text


def test_who_writes_before_login_has_no_name_in_the_mail(
    mail: RequestMail, directory: Directory
) -> None:
    visitor = Citizen("k", "", "", "rosa@example.it")
    raw = compose_request(replace(mail, category=directory.access, citizen=visitor))
    assert "Cittadino: non identificato (scrive prima dell'accesso)\n" in body_in(raw)
    assert str(parsed(raw)["Subject"]).startswith("[InterCup] Problema di accesso - ")
