"""The mail about an addition: in the request's thread, the citizen's words marked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intercup.domain.addition import AdditionKind
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.mail.compose import OfficeLink, RequestMail
from intercup.mail.compose_addition import AdditionMail, compose_addition
from tests.support.mails import body_in, parsed

AT = datetime(2025, 8, 1, 10, 30, tzinfo=UTC)
LINK = OfficeLink("https://i.example.it/inoltra/abc", AT + timedelta(days=90))


@pytest.fixture(scope="module")
def mail(directory: Directory) -> AdditionMail:
    original = RequestMail(
        number="IC-AAAA-BBBB-CCCC",
        category=directory.category_by_id["technical"],
        structure_name="ASP Trapani",
        office=directory.office_for("technical", "asp_trapani"),
        citizen=Citizen("k", "Niccolò", "D'Amico", "n.damico@example.it"),
        texts=(),
        consents=(),
        created_at=AT,
        mail_from="assistenza@intercup.example.it",
    )
    text = "Ora esce l'errore 500.\n\nNota\n  dopo la data"
    return AdditionMail(original, 1, 2, AdditionKind.MORE, text, AT, LINK)


def test_it_stands_in_the_thread_of_the_office_that_has_the_request(mail: AdditionMail) -> None:
    message = parsed(compose_addition(mail))
    domain = "@intercup.example.it>"
    assert message["Message-ID"] == f"<ic-aaaa-bbbb-cccc.1.a2{domain}"
    assert message["In-Reply-To"] == f"<ic-aaaa-bbbb-cccc.1{domain}"
    assert message["References"] == f"<ic-aaaa-bbbb-cccc{domain} <ic-aaaa-bbbb-cccc.1{domain}"
    first = parsed(compose_addition(replace(mail, hop=0)))
    assert first["In-Reply-To"] == first["References"] == f"<ic-aaaa-bbbb-cccc{domain}"
    copy = parsed(compose_addition(replace(mail, link=None, is_copy=True)))
    assert (message["Reply-To"], copy["Reply-To"]) == ("n.damico@example.it", "cup@asptrapani.it")
    assert copy["Message-ID"] == message["Message-ID"]


def test_the_body_is_this(mail: AdditionMail) -> None:
    assert body_in(compose_addition(mail)).startswith(
        """\
Il cittadino aggiunge un testo alla sua richiesta.

Richiesta numero: IC-AAAA-BBBB-CCCC
Tipologia: Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria
Struttura: ASP Trapani
Cittadino: Niccolò D'Amico
Indirizzo e-mail: n.damico@example.it
Inviata il: 01/08/2025 alle 12:30:00
Destinatario: ASP Trapani - Assistenza tecnica

Aggiunta
--------
> Ora esce l'errore 500.
>
> Nota
>   dopo la data

Presa in carico, risposta, inoltro
"""
    )


def test_a_request_that_is_not_needed_any_more_has_no_text(mail: AdditionMail) -> None:
    raw = compose_addition(replace(mail, kind=AdditionKind.WITHDRAWN, text=""))
    subject = "[InterCup] Non serve più - Problema tecnico - ASP Trapani - richiesta"
    assert parsed(raw)["Subject"].startswith(subject)
    before, _, after = body_in(raw).partition("\n\nPresa in carico, risposta, inoltro\n")
    assert before.startswith("Il cittadino fa sapere che la richiesta non serve più.\n")
    assert (before.endswith("Assistenza tecnica"), ">" in before, bool(after)) == (
        True,
        False,
        True,
    )
