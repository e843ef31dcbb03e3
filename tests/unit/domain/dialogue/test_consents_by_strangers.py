"""Consents and sendings in strangers' words: most that are one are taken, and no others."""

import yaml

from intercup.domain.dialogue.yes_words import is_explicit_yes
from tests.support.dialogue_steps import says
from tests.support.paths import ROOT

TEXTS = yaml.safe_load((ROOT / "tests/strangers/consents.yml").read_text("utf-8"))
TAKEN = 0.78  # of them; the others are asked for again, with the button
# They would be if the model read a sure yes, and it reads none.
ONLY_IN_THEORY = [
    ("privacy", "Sì, ho la ricetta bianca qui davanti"),
    ("regulation", "Sì, la visita è quella cardiologica"),
    ("confirmation", "sì ciao, e il mio cane si chiama Argo"),
    ("confirmation", "Scusi il disturbo, si scrive Sciacca con la i"),
]


def taken(kind: str) -> list[tuple[str, str]]:
    """List the texts that would be taken for a yes, even if the model read a sure one."""
    return [
        (step, text)
        for step, texts in TEXTS[kind].items()
        for text in texts
        if is_explicit_yes(says("affirm", text), step)
    ]


def test_no_word_that_gives_no_consent_is_taken_for_one() -> None:
    assert taken("not_given") == ONLY_IN_THEORY


def test_most_consents_in_own_words_are_taken() -> None:
    assert len(taken("given")) >= TAKEN * sum(map(len, TEXTS["given"].values()))
