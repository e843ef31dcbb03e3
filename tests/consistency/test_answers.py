"""The assistant's Italian: short sentences, common words, "lei", and always what to do next."""

import re
from itertools import pairwise
from typing import Any

import yaml

from intercup.services.structures.structures_file import load_directory
from intercup.texts import TEXTS
from tests.support.paths import ROOT

WORDS_MAX = 25  # in a sentence. Source: AgID, guida al linguaggio della PA ("frasi brevi")
# Each has a common word that says the same.
BUREAUCRATIC = re.compile(
    r"\b(effettuar\w+|usufrui\w+|fruizione|pertanto|altresì|qualora|suddett\w+|provveder\w+"
    r"|inoltre si|al fine di|in merito a|relativamente|presso|ovvero|nonché|avvalersi|istanza"
    r"|in ottemperanza|mediante|previa|opportun\w+|tramite)\b",
    re.IGNORECASE,
)
SECOND_PERSON = re.compile(r"\b(tu|tuo|tua|tuoi|tue|puoi|devi|vuoi|hai|clicca|scrivi|inserisci)\b")
CAPITAL_LEI = re.compile(r"(?<=[a-zà,;] )(Lei|La|Le|Suo|Sua|Suoi|Sue)\b(?! mie richieste)")
# What the client fixed, and titles of buttons, which speak as the citizen.
QUOTED = re.compile(r"«[^»]*»")
NEXT = re.compile(
    r"\?|\b(scriva|scelga|legga|guardi|controlli|prema|riprovi|provi|risponda|chiami|invii|riscriva"
    r"|apra|ricarichi|accedi|chieda|continuiamo|riprendiamo|glielo scrivo|lo dica)\b",
    re.IGNORECASE,
)

# The form asks its question right after these.
BETWEEN_QUESTIONS = frozenset(
    f"utter_{name}"
    for name in (
        "structure_taken",
        "category_taken",
        "understood_category",
        "understood_both",
        "change_booking",
        "code_sent_again",
        "access_noted",
        "story_noted",
        "no_hurry",
        "added",
        "alarm_over",
        "category_close",
    )
)


def responses() -> dict[str, dict[str, Any]]:
    files = (ROOT / "bot/domain.yml", ROOT / "bot/data/faq.yml")
    return {
        name: variant
        for file in files
        for name, variants in yaml.safe_load(file.read_text("utf-8"))["responses"].items()
        for variant in variants
    }


RESPONSES = responses()
SPOKEN = {name: v["text"] for name, v in RESPONSES.items() if "text" in v} | {
    f"{section}.{name}": text
    for section in ("welcome", "chat", "misroute", "address", "error", "problem", "state", "login")
    for name, text in TEXTS.section(section).items()
}


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[.!?:;\n]", text) if part.strip()]


def found_in_answers(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return each answer's name with the words in it that match, quotations apart."""
    return [
        (name, match[0])
        for name, text in SPOKEN.items()
        for match in pattern.finditer(QUOTED.sub("", text))
    ]


def test_sentences_are_short() -> None:
    # A label of the client counts as one word.
    texts = {name: QUOTED.sub("etichetta", text) for name, text in SPOKEN.items()}
    too_long = [
        (name, sentence)
        for name, text in texts.items()
        for sentence in sentences(text)
        if len(sentence.split()) > WORDS_MAX
    ]
    assert too_long == []


def test_words_are_common() -> None:
    assert found_in_answers(BUREAUCRATIC) == []


def test_the_citizen_is_lei() -> None:
    assert found_in_answers(SECOND_PERSON) == []
    assert found_in_answers(CAPITAL_LEI) == []


def test_no_answer_holds_a_mailbox() -> None:
    """They live in config/structures.yaml; the gateway puts them in."""
    assert [name for name, text in SPOKEN.items() if "@" in text] == []


def test_no_answer_lists_the_structures() -> None:
    names = [s.name for s in load_directory(ROOT / "config/structures.yaml").structures]
    assert [name for name, text in SPOKEN.items() if any(n in text for n in names)] == []


def test_each_answer_says_what_comes_next() -> None:
    assert [name for name, variant in RESPONSES.items() if not leads_on(name, variant)] == []


def leads_on(name: str, variant: dict[str, Any]) -> bool:
    """By a button, a link or an input; or in the last sentence; or the form asks its question."""
    offered = set(variant.get("custom", ())) & {"input", "menu", "links", "failed"}
    by_the_form = name in BETWEEN_QUESTIONS
    return bool(offered or variant.get("buttons") or by_the_form or NEXT.search(variant["text"]))


def test_the_assistant_says_that_it_is_automatic() -> None:
    for name in TEXTS.section("welcome"):
        assert "assistente automatico" in TEXTS(f"welcome.{name}", structure="x")
    assert "programma automatico" in SPOKEN["utter_ask_bot_identity"]
    assert "programma automatico" in SPOKEN["utter_ask_capabilities"]


def test_each_fact_has_its_source_beside_it() -> None:
    lines = (ROOT / "bot/data/faq.yml").read_text("utf-8").splitlines()
    facts = {line: before.strip() for before, line in pairwise(lines) if "  utter_faq/" in line}
    sources = ("# Fonte:", "# L'elenco viene da")
    assert len(facts) == len([name for name in RESPONSES if name.startswith("utter_faq/")])
    assert [fact for fact, before in facts.items() if not before.startswith(sources)] == []
