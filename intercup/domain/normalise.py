"""The normal form of what citizens type, and its limits."""

import re
import unicodedata

# Characters of any text before its normal form is made: four times the longest field.
TEXT_MAX = 8_000
MARKS_MAX = 30  # on one letter. Source: Unicode's Stream-Safe Text Format (UAX #15)

# Everything that str.splitlines takes for the end of a line.
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, lone surrogates and the marks that reorder text (bidi) can't go into a mail safely.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def normalise(text: str) -> str:
    """Return the text in Unicode NFC, with LF line ends, without control characters, trimmed."""
    text = _REMOVED.sub("", _LINE_END.sub("\n", text))
    # NFC takes quadratic time on a long run of marks, and may make more of them.
    composed = unicodedata.normalize("NFC", _with_few_marks(text))
    return _with_few_marks(composed).strip()


def _with_few_marks(text: str) -> str:
    """Drop a letter's combining marks beyond MARKS_MAX."""
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS_MAX:
            kept.append(character)
    return "".join(kept)


# Identifiers of a person or keys to their data, which understanding doesn't need.
_IDENTIFIERS = (
    (re.compile(r"(?<!\S)@*+[^\s@]++@\S*\.\w+"), "indirizzo e-mail"),
    # Twins have letters in the place of digits. Source: decreto MEF 23/12/1976, omocodia.
    (
        re.compile(
            r"[a-z]{3} ?[a-z]{3} ?[\dlmnp-v]{2}[a-z][\dlmnp-v]{2} ?[a-z][\dlmnp-v]{3}[a-z]\b",
            re.IGNORECASE,
        ),
        "codice fiscale",
    ),
    (re.compile(r"\b\d{3}[a-z0-9]{2}[ *]?\d{10}\b", re.IGNORECASE), "numero della ricetta"),
    (re.compile(r"\+?\d(?:[ .,/_\u2010-\u2015-]?\d){5,}"), "numero"),
)


def without_identifiers(text: str) -> str:
    """Replace addresses, fiscal, prescription and telephone numbers by a word."""
    for pattern, word in _IDENTIFIERS:
        text = pattern.sub(word, text)
    return text
