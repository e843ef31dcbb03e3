"""A sentence tried: the reading of the model in use, the structure and the step."""

from dataclasses import dataclass
from typing import Literal

from intercup.domain.dialogue import EMERGENCY, FALLBACK, Draft, Turn, open_request
from intercup.domain.dialogue.draft import SURE
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure, words_of
from intercup.services.chat.explained import Explained

type Tier = Literal["sure", "doubtful", "none"]
TRIED_MAX = 300  # characters in which words are left out one by one


@dataclass(frozen=True)
class Tried:
    """The effects of a sentence as a citizen's first message."""

    ranking: tuple[tuple[str, float], ...]
    understood: bool
    emergency: Tier
    structures: tuple[str, ...]  # ids
    kind: str  # of the structures' resolution
    words: tuple[str, ...]  # of the text, that named them
    step: str  # the next question, or "login"; empty outside a request
    model: str


def tried(
    text: str, explained: Explained, directory: Directory, *, authenticated: bool = True
) -> Tried:
    """Explain a sentence of a citizen who is logged in, or isn't."""
    ranking = tuple(each for each in explained.ranking if each[0] != FALLBACK)
    understood = explained.ranking[0][0] != FALLBACK
    best, confidence = ranking[0] if ranking else (FALLBACK, 0.0)
    found = resolve_structure(text, directory)
    step = ""
    if understood and (best in directory.category_of_intent or best == "request_assistance"):
        turn = Turn(
            *(best, confidence, text, "m", len(text)), ranking=ranking, authenticated=authenticated
        )
        opened = open_request(Draft(), turn, directory).draft
        step = opened.step or ("" if authenticated else "login")
    told = directory.emergency.tier_of(text)
    tier: Tier = "doubtful" if explained.doubtful or told else "none"
    return Tried(
        ranking,
        understood and confidence >= SURE,
        "sure" if best == EMERGENCY or told == "sure" else tier,
        found.ids,
        found.kind,
        _naming(text, found.ids, directory),
        step,
        explained.model,
    )


def _naming(text: str, ids: tuple[str, ...], directory: Directory) -> tuple[str, ...]:
    """Return the words without which other structures, or none, would be found."""
    if not ids:
        return ()
    text = text[:TRIED_MAX]
    words = dict.fromkeys(word for word in text.split() if words_of(word))
    return tuple(
        word for word in words if resolve_structure(_left_out(text, word), directory).ids != ids
    )


def _left_out(text: str, word: str) -> str:
    """Leave a word out, but not the signs beside it."""
    signs = "".join(character for character in word if not character.isalnum())
    return " ".join(signs if each == word else each for each in text.split())
