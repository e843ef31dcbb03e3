"""The mail that passes a request on: the fixed words first, the original whole and marked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.forwarding import Hop
from intercup.domain.request import Citizen
from intercup.mail.compose import OfficeLink, RequestMail
from intercup.mail.compose_forward import ForwardMail, compose_forward
from tests.support.mails import body_in, described, parsed

AT = datetime(2025, 8, 1, 10, 30, tzinfo=UTC)
LINK = OfficeLink("https://i.example.it/inoltra/abc", AT + timedelta(days=91))
ATTACKS = [
    "x\nBcc: evil@example.com",
    "x\r\nSubject: altro\r\n\r\ncorpo",
    "=?utf-8?q?Bcc=3A_evil=40example=2Ecom?=",
    "<script>alert(1)</script>",
    "graffe {number} {0} {{}} %s",
]


@pytest.fixture(scope="module")
def mail(directory: Directory) -> ForwardMail:
    original = RequestMail(
        number="IC-AAAA-BBBB-CCCC",
        category=directory.category_by_id["platform"],
        structure_name="",
        office=directory.office_for("platform", None),
        citizen=Citizen("k", "Niccolò", "D'Amico", "n.damico@example.it"),
        texts=described("Il sito si blocca.\n\nNota\n  dopo la data"),
        consents=CONSENTS,
        created_at=AT,
        mail_from="assistenza@intercup.example.it",
    )
    office = directory.office_for("technical", "asp_trapani")
    at = AT + timedelta(days=1)
    return ForwardMail(original, 1, original.office.name, office, "È vostra.", at, link=LINK)


def test_the_headers_are_these_and_no_others(mail: ForwardMail) -> None:
    assert sorted(parsed(compose_forward(mail)).items()) == sorted(
        [
            ("From", "InterCup Assistenza <assistenza@intercup.example.it>"),
            ("To", "cup@asptrapani.it"),
            ("Cc", "n.damico@example.it"),
            ("Reply-To", "n.damico@example.it"),
            ("Subject", "[InterCup] Inoltro - Assistenza InterCup - richiesta IC-AAAA-BBBB-CCCC"),
            ("Date", "Sat, 02 Aug 2025 10:30:00 +0000"),
            ("Message-ID", "<ic-aaaa-bbbb-cccc.1@intercup.example.it>"),
            ("In-Reply-To", "<ic-aaaa-bbbb-cccc@intercup.example.it>"),
            ("References", "<ic-aaaa-bbbb-cccc@intercup.example.it>"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
            ("Content-Language", "it"),
            ("Content-Type", 'text/plain; charset="utf-8"'),
            ("Content-Transfer-Encoding", "quoted-printable"),
            ("MIME-Version", "1.0"),
        ]
    )


def test_the_body_is_this(mail: ForwardMail) -> None:
    assert (
        body_in(compose_forward(mail))
        == """\
Si inoltra comunicazione ricevuta per competenza

Inoltrata da: Presidio tecnico InterCup (RTI)
Inoltrata a: ASP Trapani - Assistenza tecnica
Inoltrata il: 02/08/2025 alle 12:30:00

Nota dell'ufficio che inoltra
-----------------------------
> È vostra.

Comunicazione originale
-----------------------
> Richiesta numero: IC-AAAA-BBBB-CCCC
> Tipologia: Assistenza generica sul sistema InterCup
> Struttura: Nessuna struttura in particolare
> Cittadino: Niccolò D'Amico
> Indirizzo e-mail: n.damico@example.it
> Registrata il: 01/08/2025 alle 12:30:00
> Destinatario: Presidio tecnico InterCup (RTI)
>
> Descrizione
> -----------
> > Il sito si blocca.
> >
> > Nota
> >   dopo la data
>
> Consensi
> --------
> [X] Autorizzo al trattamento dei dati per le finalità di prenotazione come da informativa privacy
>     accettato il 01/08/2025 alle 12:30:00, versione del testo 2021-02-09
> [X] Dichiaro di aver preso visione del Regolamento
>     accettato il 01/08/2025 alle 12:30:00, versione del testo 2021-02-09

Presa in carico, risposta, inoltro
------------------------------
Da questa pagina, senza accesso, l'ufficio fa sapere al cittadino che \
la richiesta è presa in carico o ha avuto risposta oppure, se non lo \
riguarda, la inoltra all'ufficio competente:

https://i.example.it/inoltra/abc

Il cittadino resta in copia. Il collegamento è riservato all'ufficio e \
vale fino al 31/10/2025: lo tolga dal testo se risponde al cittadino.

--
InterCup - Servizio di assistenza della piattaforma di prenotazione \
della Regione Siciliana. Messaggio preparato da un programma.
Per rispondere al cittadino usi "Rispondi": la risposta va al suo \
indirizzo. Il cittadino riceve questo messaggio per conoscenza.
"""
    )


def test_the_citizens_copy_has_no_link(mail: ForwardMail) -> None:
    assert "/inoltra/" not in body_in(compose_forward(replace(mail, link=None)))


def test_without_note_there_is_no_place_for_it(mail: ForwardMail) -> None:
    body = body_in(compose_forward(replace(mail, note="")))
    assert "12:30:00\n\nComunicazione originale\n" in body


def test_earlier_hops_are_named(mail: ForwardMail) -> None:
    earlier = (Hop("Ufficio A", "Ufficio B", AT),)
    body = body_in(compose_forward(replace(mail, hop=2, earlier=earlier)))
    assert "Già inoltrata il 01/08/2025 alle 12:30:00 da: Ufficio A\n\nNota" in body


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_note_is_text_and_nothing_else(mail: ForwardMail, attack: str) -> None:
    raw = compose_forward(replace(mail, note=attack))
    assert parsed(raw).items() == parsed(compose_forward(mail)).items()
    assert "".join(f"> {line}\n" if line else ">\n" for line in attack.splitlines()) in body_in(raw)
