"""The draft of a request, the citizen's turn, and its outcome."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, cast, get_args

from intercup.domain.directory import Directory
from intercup.domain.request import texts_of

type Field = Literal[
    "category", "structure", "description", "address", "code", "privacy", "regulation"
]
type Step = Literal[
    "category",
    "structure",
    "description",
    "address",
    "code",
    "privacy",
    "regulation",
    "confirmation",
    "refusal",
    "description_check",
    "cancel_check",
    "edit_choice",
    "office",
    "access_help",
    "alarm",
]
type Ending = Literal["send", "cancel", "pause"]
# The verdict on a typed address by the gateway, which alone sees addresses and codes.
type AddressResult = Literal["sent", "invalid", "limited"]
type CodeResult = Literal["right", "wrong", "malformed", "expired", "used_up"]

ACCESS_STEPS = ("access_help", "address", "code")
ACCESS = "access"  # the category of a message sent before login; not in the menu
NO_STRUCTURE = "none"

DRAFT_VERSION = 1  # another number when a stored field changes its meaning
SURE = 0.6  # confidence above which an intent counts by itself


@dataclass(frozen=True)
class Heard:
    """The subjects of a citizen's text: structures by id, and a category by id or "access".

    `possible` are the ids of all categories that aren't surely wrong.
    """

    message: str
    structures: tuple[str, ...] = ()
    topic: str | None = None
    length: int = 0  # characters
    possible: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The answers given so far.

    `description` and `first_message` are ids of chat messages, with a blank between two.
    """

    category: str | None = None
    structure: str | None = None
    description: str | None = None
    address: str | None = None  # "proved"; the address itself stays with the gateway
    # The accepted version of each consent's text, and the version shown last.
    privacy: str | None = None
    regulation: str | None = None
    consent_asked: str | None = None
    first_message: str | None = None
    candidates: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()  # the two categories that the text may belong to
    heard: tuple[Heard, ...] = ()
    step: Step | None = None
    # The message of a pending description check: its id and intent.
    pending: str | None = None
    # The message that raised the alarm: its id, its next reading and the step that it interrupted.
    alarm: str | None = None
    misses: int = 0  # answers not understood in a row

    @property
    def texts(self) -> set[str]:
        """The ids of all messages that the draft is made of."""
        ids = " ".join((*texts_of(self).values(), self.first_message or "")).split()
        return {*ids, *(heard.message for heard in self.heard)}

    @property
    def alarm_parts(self) -> tuple[str, str, Step | None]:
        """The alarming message's id, its next reading, and the step that it interrupted."""
        message, intent, step = f"{self.alarm or ''}  ".split(" ")[:3]
        return message, intent, _step(step)

    def with_consent(self, id_: str, version: str | None) -> "Draft":
        """Note a consent, or take it back."""
        if id_ == "privacy":
            return replace(self, privacy=version)
        return replace(self, regulation=version)

    def heard_in(self, messages: str | None) -> Heard:
        """Return the subjects of all these texts together; unknown texts have none."""
        found = [heard for heard in self.heard if heard.message in (messages or "").split()]
        structures = dict.fromkeys(id_ for heard in found for id_ in heard.structures)
        topics = [heard.topic for heard in found if heard.topic]
        possible = dict.fromkeys(id_ for heard in found for id_ in heard.possible)
        length = sum(heard.length for heard in found)
        topic = topics[-1] if topics else None
        return Heard(messages or "", tuple(structures), topic, length, tuple(possible))

    def settled(self, possible: tuple[str, ...] = ()) -> "Draft":
        """Forget the subjects that the texts were found to be about: the citizen has decided.

        Those still `possible` stay, where the decision was read from words.
        """
        settled = (replace(each, topic=None, possible=possible) for each in self.heard)
        return replace(self, heard=tuple(settled))

    def hearing(self, heard: Heard) -> "Draft":
        """Record a text's subjects, and drop texts that no longer belong to the draft."""
        wanted = f"{self.description} {self.first_message} {self.pending} {self.alarm}".split()
        kept = (h for h in self.heard if h.message in wanted and h.message != heard.message)
        return replace(self, heard=(*kept, heard))


# The fields of a draft that hold a text or nothing.
_TEXTS = (
    *("category", "structure", "description", "address", "privacy", "regulation"),
    *("consent_asked", "first_message", "pending", "alarm"),
)


@dataclass(frozen=True)
class Turn:
    """A citizen's turn. `text` is None for a button; `length` counts the whole text."""

    intent: str
    confidence: float = 1.0
    text: str | None = None
    message_id: str | None = None
    length: int = 0
    next_intent: str | None = None  # the reading after an emergency
    ranking: tuple[tuple[str, float], ...] = ()  # the likeliest intents with their probabilities
    yes_to: tuple[str, ...] = ()  # the steps that the text surely says yes to
    meant: str | None = None  # the field that the text wants changed, or "none"
    meant_confidence: float = 0.0
    structure: str | None = None
    field: Field | None = None
    proposed_structure: str | None = None
    mentioned: tuple[str, ...] = ()  # the structures that the whole text speaks of
    earlier: Heard | None = None  # the text before this one, if it was long
    authenticated: bool = True
    has_email: bool = True  # after login: an address for the copy is known
    address: AddressResult | None = None
    code: CodeResult | None = None

    def heard(self, directory: Directory) -> Heard:
        """Return the text's subjects."""
        topic = directory.subject_of(self.ranking)
        possible = directory.possible_subjects(self.ranking)
        return Heard(self.message_id or "", self.mentioned, topic, self.length, possible)


@dataclass(frozen=True)
class Say:
    """An answer: a response of bot/domain.yml and the values that it names."""

    response: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a turn: answers, the draft with its next step, and the end if there is one."""

    draft: Draft
    say: tuple[Say, ...] = ()
    ending: Ending | None = None


def draft_as_json(draft: Draft) -> dict[str, Any]:
    """Write a draft as JSON can hold it."""
    lists = {
        "candidates": list(draft.candidates),
        "rivals": list(draft.rivals),
        "heard": [_heard_as_json(heard) for heard in draft.heard],
    }
    return asdict(draft) | lists | {"version": DRAFT_VERSION}


def _heard_as_json(heard: Heard) -> dict[str, Any]:
    lists = {"structures": list(heard.structures), "possible": list(heard.possible)}
    return asdict(heard) | lists


def draft_from_json(values: Mapping[str, Any]) -> Draft:
    """Read a draft written by `draft_as_json`; missing or unreadable fields are empty.

    Of another version only the citizen's own texts are kept: its fields may mean something else.
    """
    texts: dict[str, Any] = {name: _text(values.get(name)) for name in _TEXTS}
    if values.get("version", DRAFT_VERSION) != DRAFT_VERSION:
        return begun_again(Draft(**texts))
    step, misses = values.get("step"), values.get("misses")
    return Draft(
        **texts,
        candidates=_names(values.get("candidates")),
        rivals=_names(values.get("rivals")),
        heard=tuple(_heard(each) for each in _list(values.get("heard")) if _is_heard(each)),
        step=_step(step),
        misses=int(misses) if isinstance(misses, int | float) else 0,
    )


def _step(value: object) -> Step | None:
    return cast(Step, value) if value in get_args(Step.__value__) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _names(value: object) -> tuple[str, ...]:
    return tuple(name for name in _list(value) if isinstance(name, str))


def _is_heard(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("message"), str)


def _heard(value: dict[str, Any]) -> Heard:
    length = value.get("length")
    return Heard(
        message=value["message"],
        structures=_names(value.get("structures")),
        topic=_text(value.get("topic")),
        length=int(length) if isinstance(length, int | float) else 0,
        possible=_names(value.get("possible")),
    )


def begun_again(draft: Draft) -> Draft:
    """Return a new draft with only the citizen's own texts of this one."""
    return Draft(first_message=draft.description or draft.first_message, heard=draft.heard)


def after_login(draft: Draft) -> Draft:
    """Return the draft after the login, which ends a message about access problems."""
    step = draft.alarm_parts[2] if draft.step == "alarm" else draft.step
    if draft.category != ACCESS and step not in ACCESS_STEPS:
        return draft
    if draft.category not in (None, ACCESS):  # A problem of InterCup, to be sent now.
        return replace(draft, step=None, alarm=None)
    written = draft.description or draft.first_message
    return Draft(structure=draft.structure, first_message=written, heard=draft.heard)
