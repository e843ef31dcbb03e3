"""Figures without persons: the cells that a request and a turn count for, the hidden ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intercup.domain.dialogue.draft import Draft
from intercup.domain.dialogue.emergency import EMERGENCY, FALLBACK, TAKEN_BACK

LEAST = 5  # a smaller cell could tell of a person
# Upper bounds in seconds, and the name of the time up to each; "later" is beyond the last.
DELIVERY_TIMES = ((60, "minute"), (600, "ten_minutes"), (3_600, "hour"), (86_400, "day"))
OFFICE_TIMES = ((86_400, "day"), (3 * 86_400, "three_days"), (7 * 86_400, "week"))
# Steps beside the way of a request: to go there answers nothing.
DETOURS = ("alarm", "cancel_check")
NOT_READ = ("description", "address", "code")  # whatever is typed is the answer

type Key = tuple[str, str]  # kind and cell


@dataclass(frozen=True)
class RequestFacts:
    """The facts of a request that count; times are names of the tables above, or "never"."""

    category: str
    structure: str | None
    source: str
    language: str | None
    was_forwarded: bool
    delivered: str
    taken: str
    answered: str
    pec: str | None = None  # of domain/pec.py; None without a receipt
    answer: str | None = None  # of domain/answer_question.py


@dataclass(frozen=True)
class TurnFacts:
    """The facts of a turn that count; `replies` are Rasa's."""

    before: Draft
    after: Draft
    is_text: bool
    payload: str | None
    signals: Mapping[str, Any] = field(default_factory=dict)
    replies: Sequence[Mapping[str, Any]] = ()


def of_request(facts: RequestFacts) -> Iterator[Key]:
    """Yield what a request counts for."""
    structure = facts.structure or ""
    yield "category", facts.category
    yield "structure", structure
    yield "source", facts.source
    yield "language", facts.language or "it"
    if facts.was_forwarded:
        yield "forwarded_category", facts.category
        yield "forwarded_structure", structure
    yield "delivered", facts.delivered
    if facts.pec:
        yield "pec", facts.pec
    yield "taken", facts.taken
    yield "answered", facts.answered
    if facts.answer:
        yield "question", facts.answer


def of_turn(facts: TurnFacts) -> Iterator[Key]:
    """Yield what a turn counts for."""
    before, after = facts.before.step, facts.after.step
    if after and after != before and before not in DETOURS:
        yield "step_entered", after
    if before and after == before:
        yield "step_asked_back", before
    elif before and after not in DETOURS and not facts.signals.get("cancelled"):
        yield "step_answered", before
    ranking = facts.signals.get("reading", {}).get("ranking") or [("", 0.0)]
    if facts.is_text and before not in NOT_READ and ranking[0][0]:
        yield "understood", _understanding(facts, ranking[0][0])
    if facts.is_text and ranking[0][0] == EMERGENCY:
        yield "emergency", "sure"
    elif facts.is_text and any(_advises(reply) for reply in facts.replies):
        yield "emergency", "doubtful"
    if facts.payload == f"/{TAKEN_BACK}" or (facts.is_text and ranking[0][0] == TAKEN_BACK):
        yield "emergency", "taken_back"


def _understanding(facts: TurnFacts, intent: str) -> str:
    if facts.signals.get("asked") or (facts.after.step == "category" and facts.after.rivals):
        return "asked"
    missed = facts.after.misses > facts.before.misses
    return "missed" if missed or (intent == FALLBACK and facts.before.step is None) else "at_once"


def _advises(reply: Mapping[str, Any]) -> bool:
    return "emergency" in ((reply.get("custom") or {}).get("links") or ())


def without_small(cells: Mapping[str, int]) -> dict[str, int | None]:
    """Hide small cells, and another one if the total would tell them."""
    small = {name for name, count in cells.items() if count < LEAST}
    if small and sum(cells[name] for name in small) < LEAST:
        others = sorted(cells.keys() - small, key=lambda name: (cells[name], name))
        small.update(others[:1])
    return {name: None if name in small else count for name, count in cells.items()}


def share(part: int, whole: int) -> float | None:
    """Return a share; None if it or its complement is small."""
    return part / whole if min(part, whole - part) >= LEAST else None
