"""Consents and sendings in strangers' words, without the model: some are taken, and no others."""

import pytest
import yaml

from intercup.domain.dialogue.yes_words import is_explicit_yes
from tests.support.dialogue_steps import says
from tests.support.paths import ROOT

TEXTS = yaml.load((ROOT / "tests/strangers/consents.yml").read_text("utf-8"), yaml.CSafeLoader)
TAKEN = 0.37  # of them; with the model more, see tests/service/test_answers_in_own_words.py
# By somebody who had read the rules, to get by them.
ATTACKS = {
    "privacy": [
        "Io non autorizzo il trattamento dei miei dati personali",
        "io non accetto",
        "io non do il consenso",
        "ok basta che vi muovete, sto morendo, non respiro",
        "sì prima che cado, mi gira la testa e sto svenendo",
        "ok basta che mi rispondete, ho un infarto",
        "acconsento prima che si chiude, ma non autorizzo la cessione",
        "sì basta che vi movete e non date i dati a nessuno",
        "sì, dipende",
        "sì, a patto che restino in Italia",
        "sì, fate vedere l'informativa",
        "sì, la privacy mi preoccupa",
        "sì, levate il telefono",
        "confermo, voglia cancellare",
        "va bene che devo",
        "l'altra volta sì",
        "l'altra volta ok",
        "sì un po più chiaro",
        "ok saluti",
        "ok comunque grazie",
        "ok li",
        "sì sopra",
        "sono positivo",
        "no worries thanks",
        "no problem, thanks",
        "oui et",
        "ok je vous prie",
        "autorizzo il dottore al trattamento",
        "autorizzo il trattamento solo finché ho la richiesta",
        "accetto solo finita la richiesta",
        "ok x ora",
        "autorizzo pi ora",
        "ok prima ca i dati",
        "ok per oraaa",
        "sì vabbeee",
        "ok grazie tante amore",
        "il nulla osta",
        "ho il nulla osta",
        "può usare i miei dati",
        "ho autorizzato tutto",
        "my friend agreed",
        "thanks no problem",
        "aucun souci merci",
        "sì saluti",
        "okay, distinti saluti",
        "oui inch'allah",
        "acconsento, sto per svenire",
        "autorizzo, spero",
    ],
    "regulation": [
        "io non ho letto il regolamento",
        "accetto prima ca ho letto",
        "appenaaa ho letto",
        "sono accettata",
        "i agree to read it",
    ],
    "confirmation": [
        "io non confermo",
        "io non la invio",
        "sì io non la invio",
        "ok prima che scada la ricetta, il nome è errato",
        "sì basta che mi facciano parlare con un operatore",
        "che devo inviare",
        "ok che devo inviare ora",
        "ok un po più corretto",
        "sì poi metta il mio telefono",
        "sì devo dire che la prenotazione era per mia madre",
        "ok devo inserire il numero della ricetta",
        "ok perché",
        "ok chi la riceve",
        "manda a mia figlia",
        "sì tolga il nome di mia figlia",
        "ok sto controllando",
        "completa i dati",
        "la richiesta completa",
        "l'ordine",
        "parti di là",
        "ok now",
        "انا ممتاز",
        "شكرا ممتاز",
        "ممتاز شكرا",
        "صحيت",
        "inviatela anche a me",
        "sono positivo",
        "mandate il dottore",
        "manda il dottore",
        "mandatela a intercup",
        "vada a intercup",
        "invia x ora",
        "confermo prima ca la invii",
        "me la inoltra",
        "inoltrate a me",
        "mi imvia tutto",
        "send me",
        "vada a me",
        "la spedisco io",
        "tutto completa i dati",
        "ok well",
        "ok off",
        "i am splendid",
        "انا زي الفل",
        "diciamo di sì",
        "mi spara",
    ],
}


def taken(kind: str) -> list[tuple[str, str]]:
    """List the texts that words alone make a yes."""
    return [
        (step, text)
        for step, texts in TEXTS[kind].items()
        for text in texts
        if is_explicit_yes(says("affirm", text), step)
    ]


def test_no_word_that_gives_no_consent_is_taken_for_one() -> None:
    assert taken("not_given") == []


@pytest.mark.parametrize("intent", ["affirm", "deny", "medical_emergency"])
def test_an_attack_gives_no_consent_and_sends_nothing(intent: str) -> None:
    texts = [(step, text) for step, texts in ATTACKS.items() for text in texts]
    assert [each for each in texts if is_explicit_yes(says(intent, each[1]), each[0])] == []


def test_most_consents_in_own_words_are_taken() -> None:
    assert len(taken("given")) >= TAKEN * sum(map(len, TEXTS["given"].values()))
