"""The words around a name: "non Trapani", "il dottor Cannizzaro", "via Messina"."""

from typing import Literal

from intercup.domain.structure_names.words import FILLERS, Word

# "denied": the person rules it out; "no_before": after a bare "no", which may also answer a
# question; "weak": maybe not a health body at all; "ignored": surely not.
type Standing = Literal["named", "denied", "no_before", "weak", "ignored"]

_REACH = 6  # words before a name that may refer to it
_EXCEPT = frozenset(
    {"non", "tranne", "eccetto", "escluso", "esclusa", "fuorche", "anziche", "mica"}
)
_INSTEAD = frozenset({"invece", "posto", "piuttosto"})
_OF = frozenset({"di", "d", "del", "dell", "dello", "della", "dei", "che"})
# Between "non" and a name these still deny the name; "non riesco a prenotare al" doesn't.
_ABOUT = frozenset(
    {"era", "sono", "ero", "sia", "voglio", "volevo", "vorrei", "vogliamo", "intendo", "intendevo"}
    | {"dico", "dicevo", "dire", "parlo", "parlavo", "parlando", "sto", "mi", "si", "riferisco"}
    | {"riferivo", "tratta", "scelgo", "scelto", "cerco", "cercavo", "andare", "prenotare"}
    | {"scrivere", "quello", "quella", "ospedale", "asp", "sede", "serve", "piu", "con", "su"}
)
_ADDRESS = frozenset({"via", "viale", "piazza", "piazzale", "corso", "contrada", "vicolo", "largo"})
_TITLES = frozenset(
    {"dottor", "dottore", "dottoressa", "dott", "ssa", "dr", "prof", "professor", "professore"}
    | {"professoressa", "signor", "signora", "signore", "sig", "ra", "suor", "don"}
)
_OTHER_BODIES = frozenset(
    {"farmacia", "parrocchia", "chiesa", "festa", "scuola", "hotel", "santuario", "squadra"}
)
_HOME = frozenset(
    {"abito", "abita", "abitiamo", "vivo", "viviamo", "residente", "residenti", "nato", "nata"}
    | {"domiciliato", "domiciliata", "provengo"}
)
_SIGNATURE = frozenset({"saluti", "firmato", "cognome"})
_HESITATION = frozenset({"forse", "boh", "ricordo", "pare", "sembra"})
_LINKS = frozenset({"oppure", "ma", "non", "si", "mi", "che"})
_OBJECTS = frozenset({"lo", "la", "li", "le", "l", "ne"})


def standing(words: list[Word], start: int, end: int, cities: bool, ne_denies: bool) -> Standing:
    """Return the standing of the name at words[start:end].

    cities: it names a province; ne_denies: the text denies twice, so that "ne" is a "né".
    """
    before = _clause_before(words, start)
    denied = _denied_before(before, ne_denies) or _denied_after(_clause_after(words, end))
    if denied:
        return denied
    if before and before[-1] in _ADDRESS:
        return "ignored"
    doubts = (
        _person_or_home(before),
        _chance_ending(words, start, end),
        cities and before[-1:] == ["il"],  # A football team; the city has no article.
        _SIGNATURE & {word.text for word in words[max(0, start - 3) : start]},
    )
    return "weak" if any(doubts) else "named"


def hesitates(words: list[Word]) -> bool:
    """Return True if the person isn't sure of the name: "forse Papardo"."""
    return any(word.text in _HESITATION for word in words)


def joined_by_or(words: list[Word], end: int, start: int) -> bool:
    """Return True if only "o" (or "né") stands between two names: "non Trapani o Ragusa"."""
    between = [word.text for word in words[end:start]]
    return bool({"o", "ne"} & set(between)) and all(w in FILLERS or w == "ne" for w in between)


def _clause_before(words: list[Word], start: int) -> list[str]:
    first = start
    while first > max(0, start - _REACH) and not words[first].starts_clause:
        first -= 1
    return [word.text for word in words[first:start]]


def _clause_after(words: list[Word], end: int) -> list[str]:
    last = end
    while last < min(len(words), end + _REACH) and not words[last].starts_clause:
        last += 1
    return [word.text for word in words[end:last]]


def _denied_before(before: list[str], ne_denies: bool) -> Standing | None:
    for position in range(len(before) - 1, -1, -1):
        word = before[position]
        if word in _EXCEPT:
            return "denied"
        if word == "no":
            return "no_before"
        if word == "ne" and ne_denies:
            return "denied"
        if word in _INSTEAD and before[position + 1 : position + 2] and before[position + 1] in _OF:
            return "denied"
        if word not in FILLERS and word not in _ABOUT and word not in _OF:
            return None
    return None


def _denied_after(after: list[str]) -> Standing | None:
    if after in (["no"], ["non", "e"], ["non", "era"], ["escluso"], ["esclusa"]):
        return "denied"
    return "denied" if after[:3] == ["non", "c", "entra"] else None


def _person_or_home(before: list[str]) -> bool:
    nearest = before[-1:]
    # A first name may come between title and surname, but not "del", which begins a workplace.
    named = before[-2:-1] if nearest and nearest[0] not in FILLERS else []
    return bool(
        _TITLES & {*nearest, *named}
        or any(before[i : i + 2] == ["mi", "chiamo"] for i in range(len(before)))
        or _OTHER_BODIES & set(before[-2:])
        or _HOME & set(before[-3:])
        or before[-2:] == ["sono", "di"]
    )


def _chance_ending(words: list[Word], start: int, end: int) -> bool:
    """Return True if a name's ending is a coincidence: "l'ASP 3 volte", "l'asp me lo ha detto"."""
    after = _clause_after(words, end)
    last = words[end - 1].text
    if end - start < 2 or not after:
        return False
    if last.isdigit():
        return after[0] not in FILLERS and after[0] not in _LINKS
    return last == "me" and after[0] in _OBJECTS
