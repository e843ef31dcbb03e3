"""The texts of the web service, by key: TEXTS in Italian, others in the visitor's language.

`spoken` is for pages, whose values it escapes; `told` for the chat, which is plain text.
"""

from functools import lru_cache
from pathlib import Path

import yaml
from markupsafe import Markup

from intercup.administration import administration
from intercup.languages.catalogues import translated
from intercup.languages.visitor import LANGUAGE, isolated, italian


class Texts:
    """Sentences by dotted key, as in `error.not_found`, with the administration's names."""

    def __init__(self, path: Path) -> None:
        # Every command reads them: libyaml takes a tenth of Python's time.
        self._sections: dict[str, dict[str, str]] = yaml.load(
            path.read_text("utf-8"), yaml.CSafeLoader
        )

    def __call__(self, key: str, **values: str) -> str:
        """Return the sentence with its values.

        Raises:
            KeyError: there is no such sentence.
        """
        return administration().named(self.written(key)).format(**values)

    def written(self, key: str) -> str:
        """Return the sentence as the file has it."""
        section, _, name = key.partition(".")
        return self._sections[section][name]

    def section(self, name: str) -> dict[str, str]:
        """Return all sentences of a section by name."""
        texts = self._sections[name]
        return {key: administration().named(text) for key, text in texts.items()}


TEXTS = Texts(Path(__file__).parent / "texts.yaml")


def spoken(key: str, **values: str) -> str:
    """Return a sentence of the pages in the visitor's language, its values escaped for HTML.

    For pages only: offices, their mails and the desk read `TEXTS`.
    """
    text = spoken_words(key, TEXTS.written(key))
    return Markup(text).format(**values) if values else text  # noqa: S704  # our own sentence


def told(key: str, **values: str) -> str:
    """Return a sentence of the chat in the visitor's language, as plain text."""
    text = spoken_words(key, TEXTS.written(key))
    return text.format(**{name: isolated(value) for name, value in values.items()})


def spoken_words(context: str, italian: str) -> str:
    """Return an Italian text, one of the code's or the configuration's, in the visitor's language.

    `context` is its key in the catalogues.
    """
    return said(context, italian, LANGUAGE.get())


def spoken_own(context: str, text: str) -> str:
    """Return a text of the administration as `spoken_words`, marked if it stays Italian."""
    shown = spoken_words(context, text)
    return italian(shown) if translated(context, text, LANGUAGE.get()) == text else shown


@lru_cache(maxsize=4096)  # more than all sentences in all languages; none is a citizen's
def said(context: str, italian: str, language: str) -> str:
    """Return an Italian text in a language, with the administration's names."""
    return administration().named(translated(context, italian, language))


def spoken_section(name: str) -> dict[str, str]:
    """Return all sentences of a section by name, in the visitor's language."""
    return {key: spoken(f"{name}.{key}") for key in TEXTS.section(name)}
