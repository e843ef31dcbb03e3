"""Find which structure a person means. The result only proposes: the citizen confirms it."""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from intercup.domain.directory import Directory

# Two words of at least this similarity (difflib ratio, 0 to 1) may be one word with a typo.
TYPO_RATIO = 0.85
# Shorter words are compared exactly: "asp me" and "asp tp" differ by little and mean much.
TYPO_MIN_LETTERS = 5
# A word with a typo counts a little less than the same word spelled well.
TYPO_WEIGHT = 0.9
# Typos are looked for in short texts only: in a long one chance resemblances abound, and time too.
TYPO_MAX_WORDS = 40

_FILLERS = frozenset(
    {"a", "al", "all", "alla", "allo", "l", "la", "le", "lo", "il", "i", "gli", "d", "di", "del"}
    | {"dell", "della", "dei", "da", "in", "per", "presso", "e", "ed", "o", "g", "citta"}
    | {"struttura", "sanitaria", "azienda", "ospedaliera", "ao", "aou", "universitaria"}
    | {"emergenza", "provincia", "provinciale"}
)

type Kind = Literal["one", "guess", "several", "outside", "none"]


@dataclass(frozen=True)
class Resolution:
    """What a text says about structures.

    kind: "one" an exact name of one structure; "guess" one structure, but with a typo or in part;
    "several" more than one; "outside" a place that is not in InterCup (ids are those near it).
    """

    kind: Kind
    ids: tuple[str, ...] = ()


def words_of(text: str) -> tuple[str, ...]:
    """Split into lower-case words without accents, punctuation and filler words."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.lower())
        if not unicodedata.combining(letter)
    )
    plain = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", plain)  # "a.s.p." becomes "asp."
    return tuple(word for word in re.findall(r"[a-z0-9]+", plain) if word not in _FILLERS)


def resolve_structure(text: str, directory: Directory) -> Resolution:
    """Say which structure the text names: the one whose names cover most words of the text."""
    words = words_of(text)
    covered: dict[str, dict[str, float]] = {}
    nearby: dict[str, tuple[str, ...]] = {}
    for name, ids, near in _names_of(directory):
        match = _match(words, name)
        if match is None:
            continue
        place = " ".join(name)
        if near:
            nearby[place] = near
        for target in (*ids, place) if near else ids:
            weights = covered.setdefault(target, {})
            for word, weight in match.items():
                weights[word] = max(weight, weights.get(word, 0.0))
    if not covered:
        return Resolution("none")
    best = max(sum(match.values()) for match in covered.values())
    winners = [id_ for id_, match in covered.items() if sum(match.values()) == best]
    structures = tuple(id_ for id_ in winners if id_ not in nearby)
    if not structures:
        near_ids = [id_ for place in winners for id_ in nearby[place]]
        return Resolution("outside", tuple(dict.fromkeys(near_ids)))
    if len(structures) == 1:
        # "L'ASP di Catania mi manda al Papardo" names two: a longer name doesn't win over another.
        own_words = covered[structures[0]].keys()
        structures += tuple(
            id_
            for id_, match in covered.items()
            if id_ not in nearby and not own_words & match.keys()
        )
    if len(structures) > 1:
        return Resolution("several", structures)
    exact = all(weight == 1 for weight in covered[structures[0]].values())
    return Resolution("one" if exact and len(winners) == 1 else "guess", structures)


def _match(words: tuple[str, ...], name: tuple[str, ...]) -> dict[str, float] | None:
    """Return the text's words that make up the name, in any order, with their weights."""
    match: dict[str, float] = {}
    for wanted in name:
        if wanted in words:
            match[wanted] = 1.0
            continue
        close = _close_word(words, wanted) if len(words) <= TYPO_MAX_WORDS else None
        if close is None:
            return None
        match[close] = TYPO_WEIGHT
    return match


def _close_word(words: tuple[str, ...], wanted: str) -> str | None:
    if len(wanted) < TYPO_MIN_LETTERS:
        return None
    long_words = [word for word in words if len(word) >= TYPO_MIN_LETTERS]
    return next(iter(difflib.get_close_matches(wanted, long_words, 1, TYPO_RATIO)), None)


@lru_cache(maxsize=4)
def _names_of(
    directory: Directory,
) -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]:
    """List (words of the name, structures so called, structures near it)."""
    by_words: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
    for words, id_, near in _all_names(directory):
        ids, nearby = by_words.setdefault(words, ([], []))
        ids.extend([id_] if id_ else [])
        nearby.extend(near)
    return tuple((words, tuple(ids), tuple(near)) for words, (ids, near) in by_words.items())


def _all_names(directory: Directory) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    for structure in directory.structures:
        for name in (structure.name, *structure.aliases):
            yield words_of(name), structure.id, ()
    for place in directory.outside:
        for name in place.names:
            yield words_of(name), "", place.near
