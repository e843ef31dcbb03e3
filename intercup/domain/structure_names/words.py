"""Split a text into words that can be compared with names."""

import re
import unicodedata
from dataclasses import dataclass

from intercup.domain.structure_names.arabic import in_latin_letters

# Words that don't identify a structure and may come between the words of a name.
FILLERS = frozenset(
    {"a", "ai", "al", "all", "alla", "alle", "allo", "l", "la", "le", "lo", "il", "i", "gli"}
    | {"d", "di", "del", "dell", "della", "delle", "dello", "dei", "da", "dal", "dall", "dalla"}
    | {"in", "nel", "nell", "nella", "per", "presso", "e", "ed", "o", "g", "un", "una", "n", "nr"}
    | {"struttura", "sanitaria", "azienda", "ospedaliera", "ao", "aou", "citta", "emergenza"}
    | {"universitaria", "universitario", "provincia", "provinciale"}
)
SAME_WORD = (
    dict.fromkeys(("asl", "ausl", "usl"), "asp")
    | dict.fromkeys(("osp", "ospe"), "ospedale")
    | dict.fromkeys(("pol", "polic", "policl", "policlin"), "policlinico")
    | {"nn": "non"}
    | dict.fromkeys(("s", "sant", "santo", "santa"), "san")
)
# A full stop after one of these ends no sentence.
_SHORTENED = frozenset(
    {"osp", "ospe", "pol", "polic", "policl", "policlin", "s", "g", "n", "nr", "asp", "asl", "ao"}
    | {"aou", "dott", "ssa", "dr", "prof", "sig", "ra"}
)
_HEALTH_BODY = re.compile(r"\baziend[ae]\s+sanitari[ae](?:\s+(?:provincial|local)[ei])?\b")
_MAIL_ADDRESS = re.compile(r"(?<!\S)@*+[^\s@]++@\S+")
_DOTTED_LETTER = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_WORD = re.compile(r"[a-z0-9]+")
_BREAK = re.compile(r"[,;:!?()\n]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text. `typed` is as written, `text` with abbreviations written out."""

    typed: str
    text: str
    starts_clause: bool

    @property
    def is_filler(self) -> bool:
        return self.text in FILLERS


def words_of(text: str) -> tuple[str, ...]:
    """Split into lower-case words without accents, punctuation and filler words."""
    return tuple(word.text for word in cut(text) if not word.is_filler)


def cut(text: str) -> list[Word]:
    """Split into all words, in order, without mail addresses, which name no structure."""
    plain = unicodedata.normalize("NFKD", _MAIL_ADDRESS.sub(" , ", text).lower())
    plain = in_latin_letters("".join(each for each in plain if not unicodedata.combining(each)))
    plain = _HEALTH_BODY.sub("asp", _DOTTED_LETTER.sub(r"\1", plain))  # "a.s.p." becomes "asp."
    words: list[Word] = []
    end = 0
    for match in _WORD.finditer(plain):
        typed = match.group()
        between = plain[end : match.start()]
        words.append(Word(typed, SAME_WORD.get(typed, typed), _breaks(between, words)))
        end = match.end()
    return words


def _breaks(between: str, words: list[Word]) -> bool:
    if not words or _BREAK.search(between):
        return True
    return "." in between and words[-1].typed not in _SHORTENED
