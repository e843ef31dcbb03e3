"""A whole request in each other language, from the menu to the mails, over the real Rasa."""

import re

import pytest

from intercup.languages.catalogues import ITALIAN, direction, languages, translated
from intercup.services.answers.origin import answers
from intercup.services.chat import payloads
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.running_service import RunningService

OTHERS = [code for code in languages() if code != ITALIAN]
TEXTS = {
    "ar": "لا أستطيع إكمال الحجز لأن الصفحة تتوقف بعد اختيار التاريخ.",
    "en": "The booking page stops with an error each time that I choose the day of the visit.",
    "fr": "La page de réservation se bloque avec une erreur chaque fois que je choisis la date.",
    "ro": "Pagina de programare se blochează cu o eroare de fiecare dată când aleg ziua.",
}
LANGUAGE_NAMES = {"ar": "arabo", "en": "inglese", "fr": "francese", "ro": "rumeno"}


def in_language(name: str, language: str) -> str:
    """An answer of the files in a language, up to its first value."""
    answer = answers()[name]
    return translated(answer.name, answer.text, language).partition("{")[0]


@pytest.mark.parametrize("language", OTHERS)
async def test_a_request_in_the_citizens_language_reaches_the_office_in_italian(
    service: RunningService, language: str
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.choose_language(language)
        session = await citizen.open("portal")
        assert session["language"]["lang"] == language
        seen = [*session["messages"]]
        for payload, expected in (
            ("/report_booking_problem", "utter_ask_request_form_structure"),
            (payloads.name_structure("ao_papardo"), "utter_ask_request_form_description"),
            (None, "utter_ask_request_form_privacy"),
            (payloads.YES, "utter_ask_request_form_regulation"),
            (payloads.YES, "utter_ask_request_form_confirmation"),
            (payloads.YES, "utter_registered"),
        ):
            if payload is None:
                seen += await citizen.say(TEXTS[language])
            else:
                assert payload in citizen.offers.values(), (payload, citizen.offers)
                seen += await citizen.press(
                    next(title for title, offered in citizen.offers.items() if offered == payload)
                )
            assert in_language(expected, language) in citizen.text
        (number,) = set(re.findall(r"\bIC(?:-[0-9A-Z]{4}){3}\b", citizen.text))
        mails = await citizen.mails_about(number, 2)
    spoken = {(m["lang"], m["dir"], m.get("text_lang")) for m in seen if m["from"] == "bot"}
    assert spoken == {(language, direction(language), None)}
    consents = [m["input"] for m in seen if (m.get("input") or {}).get("type") == "consent"]
    assert [c["label"].split()[0] for c in consents] == ["Autorizzo", "Dichiaro"]
    assert all(c["translation"] != c["label"] for c in consents)
    bodies = [mail["body"] for mail in mails]
    assert all(TEXTS[language] in body for body in bodies)
    assert any(f"Lingua del testo: {LANGUAGE_NAMES[language]}" in body for body in bodies)
