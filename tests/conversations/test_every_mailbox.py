"""Each of the 13 structures, a and b, and c with and without structure: the exact mail.

The expected mailboxes are written here again, from the client's table, not read from the
configuration.
"""

import re

import pytest

from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.running_service import RunningService

CITIZEN, EMAIL = "Agata Lo Presti", "agata.lopresti@example.it"
TECHNICAL = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
INFORMATION = "Richiesta informazioni sulle prestazioni della struttura sanitaria"
PLATFORM = "Assistenza generica sul sistema InterCup"
RTI = "InterCupassistenza@almaviva.it"

# name, technical, administrative
STRUCTURES = (
    ("ASP Agrigento", "servizi.informatici@aspag.it", "salvatore.montante@aspag.it"),
    ("ASP Caltanissetta", "cup.servizio.tecnico@asp.cl.it", "cup.gestionale@asp.cl.it"),
    ("ASP Catania", "assistenza.tecnicacup@aspct.it", "richieste.gestionalicup@aspct.it"),
    (
        'A.O. per l\'Emergenza "Cannizzaro" di Catania',
        "InterCup-prenotazioni@ospedale-cannizzaro.it",
        "InterCup-richieste@ospedale-cannizzaro.it",
    ),
    (
        'A.O.U. Policlinico "G. Rodolico - San Marco" di Catania',
        "informazioniambulatori@policlinico.unict.it",
        "informazioniambulatori@policlinico.unict.it",
    ),
    ("ASP Messina", "f.dantonino@ads.it", "info.intercup@asp.messina.it"),
    (
        "IRCCS Centro Neurolesi Bonino Pulejo di Messina",
        "f.dantonino@ads.it",
        "assistenzaamministrativo.gestionalicup@irccsme.it",
    ),
    ("A.O.U. Policlinico G. Martino di Messina", "f.dantonino@ads.it", "cup@polime.it"),
    ("A.O. Papardo di Messina", "f.dantonino@ads.it", "cup@aopapardo.it"),
    (
        'A.O. Ospedali Riuniti "Villa Sofia - Cervello" di Palermo',
        "kdimiceli@villasofia.it, zacchino@olomedia.it",
        "kdimiceli@villasofia.it, zacchino@olomedia.it",
    ),
    ("ASP Ragusa", "websanity.prenotazioni@asp.rg.it", "cupregionale@asp.rg.it"),
    ("ASP Siracusa", "assistenza.tecnicacup@asp.sr.it", "coordinamento.cup@asp.sr.it"),
    ("ASP Trapani", "cup@asptrapani.it", "cup@asptrapani.it"),
)
FOR_CITIZEN = [
    "Se la richiesta non riguarda l'ufficio che la riceve",
    "------------------------------",
    "L'ufficio può inoltrarla a quello competente con un collegamento a lui riservato, "
    "che in questa copia non c'è. Anche in quel caso lei riceve una copia.",
    "",
]
FOOT = [
    "--",
    "InterCup - Servizio di assistenza della piattaforma di prenotazione "
    "della Regione Siciliana. Messaggio preparato da un programma.",
    'Per rispondere al cittadino usi "Rispondi": la risposta va al suo indirizzo. '
    "Il cittadino riceve questo messaggio per conoscenza.",
]
FOOT_OF_COPY = [
    *FOOT[:2],
    'Questa è la copia della sua richiesta. Per aggiungere qualcosa usi "Rispondi": la risposta va '
    "all'ufficio a cui la richiesta è indirizzata. Lasci il numero della richiesta nell'oggetto.",
]
CASES = [
    *((TECHNICAL, "Problema tecnico", name, technical) for name, technical, _ in STRUCTURES),
    *((INFORMATION, "Richiesta informazioni", name, admin) for name, _, admin in STRUCTURES),
    (PLATFORM, "Assistenza InterCup", "ASP Trapani", RTI),
    (PLATFORM, "Assistenza InterCup", None, RTI),
]


@pytest.mark.parametrize(
    ("category", "subject", "structure", "mailboxes"),
    CASES,
    ids=[f"{subject} - {structure}" for _, subject, structure, _ in CASES],
)
async def test_request_reaches_its_office_with_the_citizen_in_copy(
    service: RunningService, category: str, subject: str, structure: str | None, mailboxes: str
) -> None:
    description = "Dopo aver scelto l'orario la pagina dà errore.\nHo provato più volte: così è."
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(CITIZEN)
        await citizen.open("portal")
        await to_summary(citizen, category, structure, description)
        assert citizen.input["type"] == "summary"
        await citizen.press("Invia")
        number = number_in(citizen.text)
        wanted = sorted([*mailboxes.split(", "), EMAIL])
        mails = await citizen.mails_about(number, len(wanted))
    assert sorted(recipient for mail in mails for recipient in mail["rcpt"]) == wanted
    for mail in mails:
        assert (mail["to"], mail["cc"]) == (mailboxes, EMAIL)
        about = f"{subject} - {structure}" if structure else subject
        assert mail["subject"] == f"[InterCup] {about} - richiesta {number}"
        is_copy = mail["rcpt"] == [EMAIL]
        about_link = FOR_CITIZEN if is_copy else _for_office(service.url)
        expected = _expected(number, category, structure, description)
        assert _what_stays_the_same(mail["body"]) == [
            *expected,
            *about_link,
            *(FOOT_OF_COPY if is_copy else FOOT),
        ]


def _what_stays_the_same(body: str) -> list[str]:
    """Return the lines without times, and without the token of the link."""
    marks = ("Registrata il:", "    accettato il ", "Destinatario:")
    lines = [line for line in body.splitlines() if not line.startswith(marks)]
    lines = [re.sub(r"\d\d/\d\d/\d{4}", "GIORNO", line) for line in lines]
    return [re.sub(r"/inoltra/[a-z2-7]{32}$", "/inoltra/TOKEN", line) for line in lines]


def _for_office(base_url: str) -> list[str]:
    return [
        "Presa in carico, risposta, inoltro",
        "------------------------------",
        "Da questa pagina, senza accesso, l'ufficio fa sapere al cittadino che la richiesta è "
        "presa in carico o ha avuto risposta oppure, se non lo riguarda, la inoltra all'ufficio "
        "competente:",
        "",
        f"{base_url}/inoltra/TOKEN",
        "",
        "Il cittadino resta in copia. Il collegamento è riservato all'ufficio e vale fino al "
        "GIORNO: lo tolga dal testo se risponde al cittadino.",
        "",
    ]


def _expected(number: str, category: str, structure: str | None, description: str) -> list[str]:
    return [
        f"Richiesta numero: {number}",
        f"Tipologia: {category}",
        f"Struttura: {structure or 'Nessuna struttura in particolare'}",
        f"Cittadino: {CITIZEN}",
        f"Indirizzo e-mail: {EMAIL}",
        "",
        "Descrizione",
        "-----------",
        *(f"> {line}" for line in description.splitlines()),
        "",
        "Consensi",
        "--------",
        "[X] Autorizzo al trattamento dei dati per le finalità di prenotazione "
        "come da informativa privacy",
        "[X] Dichiaro di aver preso visione del Regolamento",
        "",
    ]
