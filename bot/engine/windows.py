"""Windows over a long text: an emergency may be told in any part of it."""

from __future__ import annotations

import re
from typing import List, Text

SHORT = 180  # characters; up to here a text is its own only window
WINDOW = 160  # characters of a window, unless a single part is longer
PART_MAX = 220  # characters
READ = 4_000  # characters of a text; the service takes no longer ones
# Dictated texts have no punctuation: these words begin a part too.
_BETWEEN_PARTS = re.compile(r"(?<=[.!?;,\n])|(?= (?:ma|però|adesso|ora|poi|mentre|perché|e) )")


def windows(text: Text) -> List[Text]:
    """Return the whole text and, if it is long, overlapping windows over its parts."""
    if len(text) <= SHORT:
        return [text]
    parts = [
        part[start : start + PART_MAX]
        for part in _BETWEEN_PARTS.split(text[:READ])
        for start in range(0, len(part), PART_MAX)
    ]
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
