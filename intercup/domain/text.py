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
