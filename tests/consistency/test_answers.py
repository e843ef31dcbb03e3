"""The assistant's Italian: short sentences, common words, "lei", and always what to do next."""

from itertools import pairwise
from typing import Any

import yaml

from intercup.domain.answers import problems_of_answer, problems_of_words
from intercup.services.answers.origin import answers
from intercup.services.structures.structures_file import load_directory
from intercup.texts import TEXTS
from tests.support.paths import ROOT


def responses() -> dict[str, dict[str, Any]]:
    texts = ((ROOT / file).read_text("utf-8") for file in ("bot/domain.yml", "bot/data/faq.yml"))
    return {
        name: variant
        for text in texts
        for name, variants in yaml.load(text, yaml.CSafeLoader)["responses"].items()
        for variant in variants
    }


RESPONSES = responses()
SPOKEN = {name: v["text"] for name, v in RESPONSES.items() if "text" in v} | {
    f"{section}.{name}": text
    for section in ("welcome", "chat", "misroute", "address", "error", "problem", "state", "login")
    for name, text in TEXTS.section(section).items()
}


def test_each_text_keeps_the_rules() -> None:
    assert [(n, *found) for n, text in SPOKEN.items() for found in problems_of_words(text)] == []


def test_the_desk_could_save_each_answer_as_it_is() -> None:
    """With its next step, and without a structure's name."""
    structures = [s.name for s in load_directory(ROOT / "config/structures.yaml").structures]
    found = [
        (name, *problem)
        for name, answer in answers().items()
        for problem in problems_of_answer(answer, answer.text, structures)
    ]
    assert (found, {name for each in answers().values() for name in each.names}) == (
        [],
        {name for name, variant in RESPONSES.items() if "text" in variant},
    )


def test_no_answer_lists_the_structures() -> None:
    names = [s.name for s in load_directory(ROOT / "config/structures.yaml").structures]
    assert [name for name, text in SPOKEN.items() if any(n in text for n in names)] == []


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
