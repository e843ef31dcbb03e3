"""The language of a conversation: what its citizen writes in, unless the menu says another.

A language noticed once can be corrected: by the menu, or by two texts in another one with no other
text between that is as long. A single text, such as a pasted error message, changes nothing once a
language is known; at an English text in which no person speaks, a browser that prefers Italian
makes Italian known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intercup.languages.catalogues import ITALIAN, languages
from intercup.languages.visitor import IS_CHOSEN, LANGUAGE, PREFERS_ITALIAN
from intercup.services.languages import heard_language, says_enough

LANGUAGE_KEY, OTHER_KEY, SHOWN_KEY = "language", "other_language", "shown_in"  # in a stored draft
OF_ERRORS = "en"  # the language of error messages
# Words of a person, not of an error message ("Please try again", "your session has expired").
_OF_A_PERSON = re.compile(r"\b(?:[Ii](?!/)|[Ii]['’]?(?:m|ve)|[Mm]y|me|[Hh]ello|[Hh]i)\b")
SHOWN = ("privacy", "regulation", "summary")  # inputs whose language counts for the request


@dataclass(frozen=True)
class Listened:
    """The language of the citizen's texts so far, if any is sure, and a single text's other one.

    `is_new` is true if it has just been noticed and the chat spoke another one before.
    """

    language: str | None = None
    other: str | None = None
    is_new: bool = False

    @property
    def foreign(self) -> str | None:
        """The language, unless it is Italian."""
        return None if self.language == ITALIAN else self.language

    @property
    def kept(self) -> dict[str, str | None]:
        """The part that a stored draft keeps."""
        return {LANGUAGE_KEY: self.language, OTHER_KEY: self.other}


LISTENED_NOTHING = Listened()


def listen(draft: Mapping[str, Any], text: str | None) -> Listened:
    """Return what the draft and a text tell, and speak that language if none is chosen."""
    known, other = draft.get(LANGUAGE_KEY), draft.get(OTHER_KEY)
    heard = heard_language(text or "", known)
    is_italian = LANGUAGE.get() == ITALIAN and PREFERS_ITALIAN.get()
    if not known and heard == OF_ERRORS and is_italian and not _OF_A_PERSON.search(text or ""):
        known = ITALIAN
    if heard == known:
        other = None
    elif heard and heard not in (other, known) and known:
        other = heard
    elif heard:
        known, other = heard, None
    elif says_enough(text or ""):
        other = None
    is_new = known != draft.get(LANGUAGE_KEY) and known not in (ITALIAN, LANGUAGE.get())
    if known in languages() and IS_CHOSEN.get():
        is_new = False
    elif known and known in languages():
        LANGUAGE.set(known)
    return Listened(known, other, is_new)


def shown_in(draft: Mapping[str, Any], signals: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the language of the consents and summary that a stored draft has shown."""
    shown: dict[str, str] = draft.get(SHOWN_KEY, {})
    drawn = signals.get("input")
    return {SHOWN_KEY: shown | ({drawn: LANGUAGE.get()} if drawn in SHOWN else {})}
