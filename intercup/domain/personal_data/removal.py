"""A citizen's sentence without what leads to a person."""

from collections.abc import Iterable

from intercup.domain.directory import Directory
from intercup.domain.personal_data.codes import without_codes
from intercup.domain.personal_data.marks import WORDS
from intercup.domain.personal_data.names import without_names

SENTENCE_MAX = 400  # characters
READ_MAX = 2 * SENTENCE_MAX
PLACEHOLDERS = frozenset(WORDS.values())
_AS_WORDS = str.maketrans(WORDS)
_NO_MARKS = str.maketrans(dict.fromkeys(WORDS, " "))


def without_personal_data(text: str, directory: Directory, own_names: Iterable[str] = ()) -> str:
    """Return the beginning of a text, with a word in brackets for each thing removed.

    `own_names` are the person's own; names of structures and places of the directory stay.
    """
    whole = text if len(text) <= READ_MAX else text[:READ_MAX].rpartition(" ")[0]
    read = " ".join(whole.translate(_NO_MARKS).split())
    kept = without_names(without_codes(read), directory, own_names).translate(_AS_WORDS)
    if len(kept) <= SENTENCE_MAX:
        return kept
    return kept[:SENTENCE_MAX].rpartition(" ")[0] or kept[:SENTENCE_MAX]
