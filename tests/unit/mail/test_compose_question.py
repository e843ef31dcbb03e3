"""The mail that asks whether the office has answered: to the citizen alone, in the thread."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.mail.compose import OfficeLink, RequestMail
from intercup.mail.compose_question import QuestionMail, compose_question
from tests.support.mails import body_in, parsed

AT = datetime(2025, 8, 1, 10, 30, tzinfo=UTC)
SECRETS = ("Niccolò", "D'Amico", "n.damico@example.it", "parole del cittadino")


@pytest.fixture
def question(directory: Directory) -> QuestionMail:
    original = RequestMail(
        number="IC-AAAA-BBBB-CCCC",
        category=directory.category_by_id["technical"],
        structure_name="ASP Trapani",
        office=directory.office_for("technical", "asp_trapani"),
        citizen=Citizen("k", "Niccolò", "D'Amico", "n.damico@example.it"),
        texts=(("Descrizione", "parole del cittadino"),),
        consents=(),
        created_at=AT,
        mail_from="assistenza@intercup.example.it",
    )
    link = OfficeLink("https://i.example.it/risposta/abc", AT + timedelta(days=97))
    return QuestionMail(original, 1, AT + timedelta(days=7), link)


def test_it_asks_the_citizen_alone_and_names_nobody(question: QuestionMail) -> None:
    raw = compose_question(question)
    message, body = parsed(raw), body_in(raw)
    domain = "@intercup.example.it>"
    assert (message["To"], message["Cc"]) == ("n.damico@example.it", None)
    assert message["Reply-To"] == "cup@asptrapani.it"
    assert message["Message-ID"] == f"<ic-aaaa-bbbb-cccc.q{domain}"
    assert message["In-Reply-To"] == f"<ic-aaaa-bbbb-cccc.1{domain}"
    assert message["References"] == f"<ic-aaaa-bbbb-cccc{domain} <ic-aaaa-bbbb-cccc.1{domain}"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"].startswith("[InterCup] Ha avuto risposta? - ")
    assert "\nSì: https://i.example.it/risposta/abc?si\n" in body
    assert "\nNo: https://i.example.it/risposta/abc?no\n" in body
    assert "Vale fino al 06/11/2025." in body
    assert [secret for secret in SECRETS if secret in f"{message['Subject']}{body}"] == []


def test_a_reader_of_another_language_finds_a_note_above_the_italian(
    question: QuestionMail,
) -> None:
    original = replace(question.original, reader="ro")
    raw = compose_question(replace(question, original=original))
    note, _, italian = body_in(raw).partition("\n=====")
    assert note.startswith("Vă întrebăm dacă biroul a răspuns la cererea dumneavoastră IC-AAAA-")
    assert italian.endswith(body_in(compose_question(question)))
    assert parsed(raw)["Content-Language"] == "ro, it"
