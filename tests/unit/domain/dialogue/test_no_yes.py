"""Texts of yes words that give none: found by somebody who attacked the consents."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import advance
from intercup.domain.dialogue.yes_words import is_explicit_yes, is_plain_yes
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, says

AT_EACH = (
    *("né accetto né autorizzo", "né acconsento né autorizzo", "sì come no", "sì vabbè"),
    *("accetto figuriamoci", "ok no figuriamoci", "ok grazie tante", "ok e la privacy"),
    *("i miei dati sono al sicuro", "è tutto sicuro", "e sicuro", "ok mi legge la privacy"),
    *("ok prima", "ok per ora", "accetto il primo punto", "accetto il punto 1", "ok al punto 2"),
    *("salve tutto bene", "ok ho capito", "sì mi scusi", "ok allora", "ok buona giornata"),
    *("ho premuto accetto", "ho cliccato su ok", "sono a letto", "ok sono a letto"),
    *("ok 🆘", "ok 🚑", "sì 😂", "ok 🤔", "va bene 🤷", "sì ✋", "s̶i̶ ok̶", "ok ‽"),
    *("yeah right", "آه يا الله", "آه يا بنتي", "نعم انا علي", "صافي شكرا"),
)
AT_ONE = {
    "regulation": (
        *("appena l'ho letto accetto", "ok prima il regolamento", "sì aperto", "ok in lettura"),
        *("si mi legge il regolamento", "né letto né accettato", "ho letto fino al punto 3"),
    ),
    "confirmation": (
        *(
            "prima di inviare",
            "mi mandate la richiesta",
            "mandala prima a me",
            "ho corretto i dati",
        ),
        *("scriva che è per la signora", "a posto così grazie", "i send it", "انا ارسلها"),
    ),
    "cancel_check": (
        *("confermo la richiesta", "ok andiamo avanti", "va bene così", "ok inviala"),
        *("prima di annullare", "ok procediamo"),
    ),
}
STEPS = ("privacy", "regulation", "confirmation", "cancel_check")
# Found by a reader: the detector alone took them for a yes.
READ_AS_YES = (
    *("come", "e come", "come volete", "letto, dissento", "visionato, dissento", "dissento"),
    *("nessun problema, ma no", "nessun problema ma non acconsento", "obietto", "rigetto"),
    *("in disaccordo", "sono in totale disaccordo", "ho delle obiezioni", "letto e contestato"),
    *("ho letto tutto con attenzione e dico di no", "acconsento in parte", "letta in parte"),
    *("acconsento ad una parte", "se acconsento", "se confermo", "nessun ok", "errore ok"),
    *("parti", "è partita", "va bene, mettete il mio telefono", "manda pure a mio fratello"),
)


def test_words_of_a_yes_may_give_none() -> None:
    taken = [(step, text) for step in STEPS for text in AT_EACH if is_plain_yes(text, step)]
    taken += [(step, text) for step in AT_ONE for text in AT_ONE[step] if is_plain_yes(text, step)]
    assert taken == []


def test_words_that_refuse_or_limit_put_off_what_the_model_reads() -> None:
    taken = [
        (step, text)
        for step in STEPS
        for text in READ_AS_YES
        if is_explicit_yes(says("affirm", text, yes_to=STEPS), step)
    ]
    assert taken == []


def test_an_unsure_reading_is_no_yes() -> None:
    turn = says("affirm", "per me si può fare", yes_to=STEPS, confidence=0.5)
    assert not is_explicit_yes(turn, "privacy")
    assert is_explicit_yes(replace(turn, confidence=0.9), "privacy")


@pytest.mark.parametrize("text", ["no non annullare", "non la cancellare", "nun annullari"])
def test_who_says_not_to_cancel_keeps_the_request(directory: Directory, text: str) -> None:
    asked = replace(COMPLETE, step="cancel_check")
    outcome = advance(asked, says("cancel", text), directory)
    assert outcome.ending != "cancel"
    assert outcome.draft.description == COMPLETE.description


@pytest.mark.parametrize("step", ["privacy", "regulation", "confirmation"])
def test_a_typed_command_is_no_yes_whatever_the_model_reads(step: str) -> None:
    assert not is_explicit_yes(says("affirm", "affirm", yes_to=(step,)), step)
