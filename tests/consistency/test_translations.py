"""The catalogues in intercup/languages: each sentence of the citizens' pages in each language."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from intercup.administration import TRANSLATIONS
from intercup.languages.catalogues import (
    ITALIAN,
    direction,
    form_of,
    key_of,
    languages,
    translated,
    translated_forms,
)
from tests.support.paths import ROOT
from tests.support.translations import KEYS, SECTIONS, Sentence, citizens_templates, sentences

OTHERS = [code for code in languages() if code != ITALIAN]
WHAT_TO_DO = (
    "run `.venv/bin/python -m tests.support.translations`, then translate in intercup/languages:"
)
VALUES = re.compile(r"%\(\w+\)s|\{\w*\}|<[^>]+>")
# Words of the templates that every language has, or that only people at work read.
UNTRANSLATED = {
    "SPID",
    "CIE",
    "Presidio",
    "Presidio tecnico",
    "Per entrare nel presidio tecnico serve l'identità digitale () di una persona autorizzata.",
}
# Modules of the web service whose sentences stay Italian: for offices, and broken requests.
ITALIAN_MODULES = {"forward.py", "server.py"}


@pytest.fixture(scope="module")
def said() -> list[Sentence]:
    return sentences()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_a_translation_with_the_same_values_and_tags(
    language: str, said: list[Sentence]
) -> None:
    with (TRANSLATIONS / f"{language}.po").open("rb") as file:
        found = {
            (message.context or "", key_of(message.id)): message
            for message in read_po(file, locale=language)
            if message.id
        }
    wanted = {(context, key_of(text)): place for place, context, text in said}
    missing = [
        f"{place}: {key}"
        for key, place in wanted.items()
        if key not in found or not all(forms(found[key].string)) or found[key].fuzzy
    ]
    assert missing == [], f"{WHAT_TO_DO} {language}.po"
    assert sorted(found.keys() - wanted.keys()) == [], f"{WHAT_TO_DO} {language}.po"
    unplaced = [
        form
        for message in found.values()
        for form in forms(message.string)
        # A form for one or two may do without the number.
        if values(form) not in [values(text) for text in forms(message.id)]
    ]
    assert unplaced == [], "values and tags must be those of the Italian sentence"


RTL = [code for code in OTHERS if direction(code) == "rtl"]


@pytest.mark.parametrize("language", RTL)
def test_no_numeral_stands_right_after_latin_letters(language: str, said: list[Sentence]) -> None:
    """It would take their direction, and stand on the wrong side of them."""
    texts = [
        re.sub(r"<[^>]*>", "", translated(context, key_of(text), language))
        for _, context, text in said
    ]
    assert [text for text in texts if re.search(r"[A-Za-z][^\w\n]+\d", text)] == []


def forms(text: str | Sequence[str]) -> Sequence[str]:
    """A text's forms: the singular and the plurals, or the text itself."""
    return (text,) if isinstance(text, str) else text


def values(text: str) -> list[str]:
    """The values and tags of a sentence, in any order."""
    return sorted(VALUES.findall(text))


def unwrapped(template: str) -> Iterator[str]:
    """The sentences of a template that stand outside of `{% trans %}` and `_()`."""
    rest = re.sub(
        r"\{% trans.*?%\}.*?\{% endtrans %\}|\{#.*?#\}|<article[^>]* lang=\"it\".*?</article>",
        "",
        template,
        flags=re.DOTALL,
    )
    code = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", rest, flags=re.DOTALL)
    for text in code:
        told = re.sub(r"\b_\((\"[^\"]*\"|'(?:[^'\\]|\\.)*')\)", "", text)
        yield from re.findall(r"[\"']([A-ZÀ-Ú][a-zà-ú]+(?: [^\"']*)?)[\"']", told)
    rest = re.sub(r"\{%.*?macro.*?%\}", "\n", rest)
    rest = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", rest, flags=re.DOTALL)
    yield from re.findall(r"(?:aria-label|alt|title|placeholder)=\"([^\"]*[a-z][^\"]*)\"", rest)
    # A macro may give attributes, a class or an address.
    texts = re.split(r"<[^>]*>|[\w-]+=\"[^\"]*\"|^/\S+|\bautofocus\b|^field$", rest, flags=re.M)
    yield from (" ".join(text.split()) for text in texts if re.search(r"[^\W\d_]{2}", text))


@pytest.mark.parametrize("template", citizens_templates(), ids=lambda path: path.stem)
def test_a_template_has_no_sentence_outside_of_the_catalogues(template: Path) -> None:
    found = set(unwrapped(template.read_text("utf-8"))) - UNTRANSLATED
    assert found == set(), (
        "put {% trans %}…{% endtrans %} around a sentence, or _('…') within an expression; then "
        f"{WHAT_TO_DO} each file"
    )


@pytest.mark.parametrize(
    "template",
    [
        "<p>Una frase</p>",
        "<p>{{ 'Una frase' if errors }}</p>",
        '<nav aria-label="Una frase"></nav>',
        "{% set title = 'Una frase' %}",
    ],
)
def test_a_sentence_outside_of_the_catalogues_would_be_found(template: str) -> None:
    assert list(unwrapped(template)) == ["Una frase"]


def test_the_pages_speak_the_visitors_language() -> None:
    modules = list((ROOT / "intercup/web").glob("*.py"))
    italian = {path.name for path in modules if re.search(r"\bTEXTS\(", path.read_text("utf-8"))}
    assert italian <= ITALIAN_MODULES, "a citizen's page says its sentences with `spoken`"


def test_the_chat_speaks_the_citizens_language() -> None:
    for path in (ROOT / "intercup/services/chat").glob("*.py"):
        italian = re.findall(r"\bTEXTS\(\W(\w+\.\w+)", path.read_text("utf-8"))
        # Of the mail that citizens send themselves, to an office.
        assert {*italian} <= {"link.mail_subject", "mail.body", "mail.nothing_written"}, path.name


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_number_of_the_emergencies(
    language: str, said: list[Sentence]
) -> None:
    texts = [(context, key_of(text)) for _, context, text in said if "112" in text]
    assert len(texts) > 5
    assert [key for key in texts if "112" not in translated(*key, language)] == []


def test_every_section_that_the_pages_speak_is_translated() -> None:
    named = re.compile(r"\bspoken(?:_section)?\(\s*f?\"(\w+)(?:\.([\w{} ]+))?")
    found = {
        (section, name)
        for path in (ROOT / "intercup/web").glob("*.py")
        for section, name in named.findall(path.read_text("utf-8"))
    }
    whole = {key.partition(".")[0] for key in KEYS}
    left = {pair for pair in found if pair[0] not in {*SECTIONS, *whole, "rating_", "{name}"}}
    assert len(found) > 20
    assert left == set(), "add the section to SECTIONS in tests/support/translations.py"


def test_a_number_has_the_form_that_its_language_gives_it() -> None:
    singular = "Non risultano richieste di assistenza nell'ultimo mese."
    plural = "Non risultano richieste di assistenza negli ultimi %(months)s mesi."
    forms_in_arabic, said_in = translated_forms(singular, plural, "ar")
    assert (len(forms_in_arabic), said_in) == (6, "ar")
    shown = {number: forms_in_arabic[form_of("ar", number)] for number in (1, 2, 6, 12, 100)}
    assert "آخر شهرين" in shown[2]
    assert "أشهر" in shown[6]
    assert "شهرًا" in shown[12]
    assert len({*shown.values()}) == 5
    assert form_of("ro", 20) != form_of("ro", 12) != form_of("ro", 1)
    assert translated_forms("uno", "%(n)s", "ar") == (("uno", "%(n)s"), ITALIAN)
