"""Windows over a long text: an emergency may be told in any part of it."""

from __future__ import annotations

import re
from typing import List, Text

SHORT = 180  # characters; up to here a text is its own only window
WINDOW = 160  # characters of a window, unless a single part is longer
PART_MAX = 220  # characters
READ = 4_000  # characters of a text; the service takes no longer ones
WORDS = 14  # words of a narrow window, about as many as tell of a danger
NARROW_STEP = 10  # words from one to the next, as a danger may be told in five
# Dictated texts have no punctuation: these words begin a part too.
_BETWEEN_PARTS = re.compile(
    r"(?<=[.!?;,\n])|(?= (?:ma|però|adesso|ora|poi|mentre|perché|e) )", re.IGNORECASE
)


def windows(text: Text) -> List[Text]:
    """Return the whole text and, if it is long, overlapping windows over its parts."""
    if len(text) <= SHORT:
        return [text]
    parts = [piece for part in _BETWEEN_PARTS.split(text[:READ]) for piece in _pieces(part)]
    found, first = [text], 0
    while first < len(parts):
        last, size = first + 1, len(parts[first])
        while last < len(parts) and size + len(parts[last]) <= WINDOW:
            size += len(parts[last])
            last += 1
        found.append("".join(parts[first:last]).strip())
        # The last part of a window begins the next one, if it isn't the only one.
        first = last if last == len(parts) or last - first == 1 else last - 1
    return found


def narrow_windows(text: Text, step: int = NARROW_STEP) -> List[Text]:
    """Return windows over a few words of a long text, `step` words apart; none of a short one.

    In a window over parts the one clause that tells of a danger is only a third of the words.
    """
    if len(text) <= SHORT:
        return []
    words = text[:READ].split()
    starts = range(0, max(len(words) - WORDS, 0) + step, step)
    return [" ".join(words[start : start + WORDS]) for start in starts]


def _pieces(part: Text) -> List[Text]:
    """Cut a part that is too long; the pieces overlap by half, so each word has its context."""
    if len(part) <= PART_MAX:
        return [part]
    half = WINDOW // 2
    return [part[start : start + WINDOW] for start in range(0, len(part) - half, half)]
