"""Sentences worth a look by the technical team: which of a chat's, and why.

A turn may show that an earlier sentence was misread, so a chat remembers its last sentence and
those that gave category and structure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from intercup.domain.dialogue.draft import SURE, Draft
from intercup.domain.dialogue.emergency import EMERGENCY, TAKEN_BACK
from intercup.domain.directory import Directory

type Reason = Literal["low", "asked", "corrected", "calm", "repeated", "left"]
type Action = Literal["accept", "test", "out_of_scope", "ignore", "delete"]  # on a group

ACTIONS: tuple[Action, ...] = get_args(Action.__value__)
# Answers to these are the citizen's own matter, or an address or code.
NEVER_KEPT = ("description", "address", "code")
# Names of structures are found by rules, whatever the model reads.
READ_BY_RULES = ("structure",)
GOODBYES = ("thank", "goodbye")
LIKE_MIN = 0.6  # share of words in common from which two sentences say the same
LETTERS_MIN = 8  # a shorter answer may well come twice


@dataclass(frozen=True)
class Sentence:
    """A sentence without personal data, sealed, with its reading when it was said."""

    id: str
    sealed: str
    day: str  # ISO 8601, as `until`, the last day that it is kept
    until: str
    step: str  # the open question, or nothing
    intent: str
    confidence: float
    second: str | None
    second_confidence: float
    language: str | None
    model: str
    reasons: tuple[Reason, ...] = ()
    label: str | None = None  # the intent or the structure that the citizen chose instead

    def with_reason(self, reason: Reason, label: str | None = None) -> "Sentence":
        """Add a reason, and what the citizen chose."""
        reasons = tuple(dict.fromkeys((*self.reasons, reason)))
        return replace(self, reasons=reasons, label=label or self.label)


@dataclass(frozen=True)
class Said:
    """The sentences of a chat that a later turn may show to be misread.

    `setters` are those that gave a field of the draft, with its value. A refused consent stops it.
    """

    last: Sentence | None = None
    setters: Mapping[str, tuple[Sentence, str]] = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True)
class Exchange:
    """A turn: a sentence, unless it isn't kept or was a button, and the draft around it."""

    before: Draft
    after: Draft
    sentence: Sentence | None = None
    payload: str | None = None
    asked: bool = False  # the answer asks which of two readings is meant
    repeated: bool = False
    ended: bool = False


def follow(said: Said, turn: Exchange, directory: Directory) -> tuple[Said, list[Sentence]]:
    """Return what to remember after a turn, and the sentences that it shows to be worth a look."""
    if said.stopped or turn.after.step == "refusal":
        return Said(stopped=True), []
    last = _judged(said.last, turn) if said.last else None
    found = {last.id: last} if last and last.reasons else {}
    sentence = _judged_alone(turn) if turn.sentence else None
    setters: dict[str, tuple[Sentence, str]] = {}
    for name in ("category", "structure"):
        value = getattr(turn.after, name)
        setter, given = said.setters.get(name, (None, None))
        if turn.ended:
            continue
        if setter and value not in (None, given):
            corrected = found.get(setter.id, setter)
            found[setter.id] = corrected.with_reason("corrected", _label(name, value, directory))
        elif setter and given:
            setters[name] = (found.get(setter.id, setter), given)
        if sentence and value and value != getattr(turn.before, name) and name not in setters:
            setters[name] = (sentence, value)
    return Said(sentence, setters), list(found.values())


def _judged_alone(turn: Exchange) -> Sentence | None:
    """Judge a sentence by its own turn."""
    sentence = turn.sentence
    if sentence is None:
        return None
    is_unsure = sentence.confidence < SURE and turn.before.step not in READ_BY_RULES
    if is_unsure or turn.after.misses > turn.before.misses:
        sentence = sentence.with_reason("low")
    return sentence.with_reason("asked") if turn.asked else sentence


def _judged(last: Sentence, turn: Exchange) -> Sentence:
    """Judge a sentence by the turn after it."""
    payload = turn.payload or ""
    if "asked" in last.reasons and payload.startswith("/"):
        last = last.with_reason("asked", payload.removeprefix("/").partition("{")[0])
    takes_back = payload == f"/{TAKEN_BACK}" or (
        turn.sentence is not None and turn.sentence.intent == TAKEN_BACK
    )
    if last.intent == EMERGENCY and takes_back:
        last = last.with_reason("calm", turn.before.alarm_parts[1])
    if turn.repeated and turn.before.step == turn.after.step:
        last = last.with_reason("repeated")
    return last


def _label(name: str, value: str, directory: Directory) -> str:
    category = directory.category_by_id.get(value) if name == "category" else None
    return category.readings[0].intent if category else value


def left_by(said: Said) -> Sentence | None:
    """Return the sentence after which the citizen left for good."""
    if said.last is None or said.stopped:
        return None
    return None if said.last.intent in GOODBYES else said.last.with_reason("left")


def say_the_same(one: str, other: str) -> bool:
    """Return True if two sentences share most of their words."""
    words, others = set(one.lower().split()), set(other.lower().split())
    if min(len(one), len(other)) < LETTERS_MIN:
        return False
    return len(words & others) >= LIKE_MIN * len(words | others)


def said_as_json(said: Said) -> dict[str, Any]:
    """Write what a chat remembers as JSON can hold it."""
    return {
        "last": said.last and asdict(said.last),
        "setters": {
            name: [asdict(sentence), given] for name, (sentence, given) in said.setters.items()
        },
        "stopped": said.stopped,
    }


def said_from_json(values: Mapping[str, Any] | None) -> Said:
    """Read what `said_as_json` wrote."""
    if not values:
        return Said()
    setters = {name: (_sentence(each), given) for name, (each, given) in values["setters"].items()}
    last = values["last"]
    return Said(_sentence(last) if last else None, setters, values["stopped"])


def _sentence(values: dict[str, Any]) -> Sentence:
    return Sentence(**values | {"reasons": tuple(values["reasons"])})
