"""The normal form of what citizens type, and its limits."""

import re
import unicodedata

DESCRIPTION_MIN = 10  # characters
DESCRIPTION_MAX = 2_000  # characters

# Controls, lone surrogates and the marks that reorder text (bidi) can't go into a mail safely.
_REMOVED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def normalise(text: str) -> str:
    """Return the text in Unicode NFC, with LF line ends, without control characters, trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return unicodedata.normalize("NFC", _REMOVED.sub("", text)).strip()


# What names a person or opens their data: the assistant understands a text as well without.
_IDENTIFIERS = (
    (re.compile(r"\S+@\S+\.\w+"), "indirizzo e-mail"),
    (re.compile(r"\b[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]\b", re.IGNORECASE), "codice fiscale"),
    (re.compile(r"\b\d{3}[a-z0-9]{2}[ *]?\d{10}\b", re.IGNORECASE), "numero della ricetta"),
    (re.compile(r"\+?\d(?:[ ./-]?\d){5,}"), "numero"),
)


def without_identifiers(text: str) -> str:
    """Put a word in the place of addresses, fiscal codes, recipe and telephone numbers."""
    for pattern, word in _IDENTIFIERS:
        text = pattern.sub(word, text)
    return text
