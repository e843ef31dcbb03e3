"""The sentences to translate; run as a module, it brings them into the catalogues.

`.venv/bin/python -m tests.support.translations` adds new sentences without a translation, marks
as `fuzzy` those whose Italian has changed, and removes those that nobody says any more.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from intercup.administration import TRANSLATIONS
from intercup.domain.consent import CONSENTS
from intercup.languages.catalogues import ITALIAN, WIDGET, languages
from intercup.services.answers.origin import answers
from tests.support.paths import ROOT

TEMPLATES = ROOT / "intercup/web/templates"
# Read by offices, by the technical team, or in the demo only.
ITALIAN_PAGES = ("desk", "forward", "forwarded", "mailbox")
# Sections of texts.yaml for pages and chat; of others single keys.
SECTIONS = (
    *("request", "best_time", "relation", "office", "state", "addition", "addition_problem"),
    *("rating_hard", "rating_liked", "problem", "address", "file_problem", "file"),
    *("error", "title", "login"),
    *("welcome", "menu", "reading", "summary", "input", "misroute", "chat", "link"),
)
KEYS = (*("mail.code_subject", "mail.courtesy", "mail.courtesy_question"),)
ITALIAN_KEYS = ("link.mail_subject",)  # of a mail that an office reads

MAILS = ("code.txt",)  # to the citizen alone; the others are an office's, in Italian

HEADER = """# The citizens' pages and chat. Legal texts (consent.*): to be confirmed by the client.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

KEYWORDS = ("_", "gettext", "ngettext")

# Where a sentence stands, its context, its Italian text, or singular and plural.
type Sentence = tuple[str, str, str | tuple[str, ...]]


def sentences() -> list[Sentence]:
    """Return everything that has a translation, in the order of its places."""
    return [
        *_of_templates(),
        *_of_texts(),
        *_of_configuration(),
        *_of_consents(),
        *_of_mails(),
        *_of_widget(),
        *_of_answers(),
    ]


def citizens_templates() -> list[Path]:
    """Return the templates of the pages in all languages."""
    names = (path for path in TEMPLATES.glob("*.html"))
    return sorted(path for path in names if not re.match(r"|".join(ITALIAN_PAGES), path.stem))


def _of_templates() -> Iterator[Sentence]:
    options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
    for path in citizens_templates():
        with path.open("rb") as file:
            for _, _, text, _ in babel_extract(file, KEYWORDS, (), options):
                # The singular and the plural, and the number's expression.
                yield path.name, "", text if isinstance(text, str) else tuple(text[:2])  # type: ignore[arg-type]


def _of_texts() -> Iterator[Sentence]:
    texts = yaml.safe_load((ROOT / "intercup/texts.yaml").read_text("utf-8"))
    for section, named in texts.items():
        for name, text in named.items():
            key = f"{section}.{name}"
            if (section in SECTIONS or key in KEYS) and key not in ITALIAN_KEYS:
                yield "texts.yaml", key, text


def _of_configuration() -> Iterator[Sentence]:
    structures = yaml.safe_load((ROOT / "config/structures.yaml").read_text("utf-8"))
    for category in structures["categories"]:
        yield "structures.yaml", f"category.{category['id']}", category["label"]
        for part in ("subject", "short", "line"):
            yield "structures.yaml", f"category_{part}.{category['id']}", category[part]
    for category in (*structures["categories"], structures["access"]):
        for intent, title in category["intents"].items():
            yield "structures.yaml", f"reading.{intent}", title
    yield "structures.yaml", "category_subject.access", structures["access"]["subject"]
    yield "structures.yaml", "category.access", structures["access"]["label"]
    names = yaml.safe_load((ROOT / "config/administration.yaml").read_text("utf-8"))["names"]
    for name in ("of", "tagline", "about"):
        yield "administration.yaml", f"administration.{name}", names[name]


def _of_consents() -> Iterator[Sentence]:
    for consent in CONSENTS:
        yield "consent.py", f"consent.{consent.id}", consent.text
        yield "consent.py", f"consent_link.{consent.id}", consent.link_text


def _of_mails() -> Iterator[Sentence]:
    for name in MAILS:
        yield name, f"mail/{name}", (ROOT / "intercup/mail" / name).read_text("utf-8")


def _of_answers() -> Iterator[Sentence]:
    for answer in answers().values():
        yield "bot", answer.name, answer.text
    titles = {button["title"] for answer in answers().values() for button in answer.buttons}
    yield from (("bot", "button", title) for title in sorted(titles))


def _of_widget() -> Iterator[Sentence]:
    texts = json.loads((ROOT / "web-widget/src/texts.json").read_text("utf-8"))
    yield "texts.json", f"{WIDGET}chat.launcher", texts["launcher"]
    for place in ("chat", "files", "facts"):
        for name, text in texts[place].items():
            yield "texts.json", f"{WIDGET}{place}.{name}", text


def catalogue(language: str | None = None) -> Catalog:
    """Return a catalogue of all sentences without translations."""
    empty = Catalog(language, project="InterCup Assistenza", fuzzy=False)
    for place, context, text in sentences():
        empty.add(text, context=context or None, locations=[(place, 0)])
    return empty


def update(path: Path) -> None:
    """Bring the sentences into a language's file, which may be missing."""
    fresh = catalogue(path.stem)
    if path.exists():
        with path.open("rb") as file:
            kept = read_po(file, locale=path.stem)
        kept.update(fresh)
        fresh = kept
    with path.open("wb") as file:
        plurals = get_plural(path.stem)
        file.write(HEADER.format(language=path.stem, plurals=plurals).encode())
        write_po(file, fresh, width=100, ignore_obsolete=True, omit_header=True)


if __name__ == "__main__":
    for code in languages():
        if code != ITALIAN:
            update(TRANSLATIONS / f"{code}.po")
