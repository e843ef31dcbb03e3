"""The assistant's answers, and their rules: short, common words, "lei", and what to do next."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WORDS_MAX = 25  # in a sentence. Source: AgID, guida al linguaggio della PA ("frasi brevi")
TEXT_MAX = 700  # characters
# Each has a common word that says the same.
BUREAUCRATIC = re.compile(
    r"\b(effettuar\w+|usufrui\w+|fruizione|pertanto|altresì|qualora|suddett\w+|provveder\w+"
    r"|inoltre si|al fine di|in merito a|relativamente|presso|ovvero|nonché|avvalersi|istanza"
    r"|in ottemperanza|mediante|previa|opportun\w+|tramite)\b",
    re.IGNORECASE,
)
SECOND_PERSON = re.compile(
    r"\b(tu|tuo|tua|tuoi|tue|puoi|devi|vuoi|hai|clicca|scrivi|inserisci)\b", re.IGNORECASE
)
CAPITAL_LEI = re.compile(r"(?<=[a-zà,;] )(Lei|La|Le|Suo|Sua|Suoi|Sue)\b(?! mie richieste)")
# Labels fixed by the client, and buttons' titles, which speak as the citizen.
QUOTED = re.compile(r"«[^«»]*»")
NEXT = re.compile(
    r"\?|\b(scriva|scelga|legga|guardi|controlli|prema|riprovi|provi|risponda|chiami|invii|riscriva"
    r"|apra|ricarichi|accedi|chieda|continuiamo|riprendiamo|glielo scrivo|lo dica)\b",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"\{(\w+)\}")
BRACES = re.compile(r"\{\w+\}|[{}]")  # a placeholder, or what would break one
SITE = re.compile(r"https?:|www\.|\w\.(?:com|dev|eu|info|it|net|org)\b", re.IGNORECASE)
TELEPHONE = re.compile(r"\d(?:[ ./-]?\d){5,}")
KEPT = ("112", "programma automatico", "NON ")  # what an answer that says it must go on saying

# The form asks its question right after these.
BETWEEN_QUESTIONS = frozenset(
    f"utter_{name}"
    for name in (
        "structure_taken",
        "category_taken",
        "understood_category",
        "understood_both",
        "change_booking",
        "code_sent_again",
        "access_noted",
        "story_noted",
        "no_hurry",
        "yes_unclear",
        "added",
        "alarm_over",
        "category_close",
    )
)


@dataclass(frozen=True)
class Answer:
    """An answer with words; the responses with these names share them."""

    names: tuple[str, ...]
    text: str
    buttons: Sequence[Mapping[str, str]] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.names[0]

    def leads_on(self, text: str) -> bool:
        """By a button, a link or an input; or in these words; or the form asks its question."""
        offered = self.custom.keys() & {"input", "menu", "links"}
        between = BETWEEN_QUESTIONS.intersection(self.names)
        return bool(offered or self.buttons or between or NEXT.search(text))


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """Put values into the placeholders of an answer; None if one is missing."""
    if not {*PLACEHOLDER.findall(text)} <= values.keys():
        return None
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def problems_of_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield the key of each broken rule, and the words that break it."""
    # A label of the client counts as one word.
    plain = QUOTED.sub("etichetta", text)
    for sentence in re.split(r"[.!?:;\n]", plain):
        if len(sentence.split()) > WORDS_MAX:
            yield "sentence", sentence.strip()
    for key, pattern in (
        ("bureaucratic", BUREAUCRATIC),
        ("second_person", SECOND_PERSON),
        ("capital", CAPITAL_LEI),
    ):
        yield from ((key, found[0]) for found in pattern.finditer(QUOTED.sub("", text)))
    if "@" in text:  # mailboxes live in config/structures.yaml; the gateway puts them in
        yield "address", "@"


def losses(answer: Answer, text: str) -> Iterator[tuple[str, str]]:
    """Yield what the answer says and a text for it must not lose: such a text isn't said."""
    if sorted(BRACES.findall(text)) != sorted(BRACES.findall(answer.text)):
        yield "braces", " ".join(BRACES.findall(answer.text)) or "–"
    yield from (("kept", words) for words in KEPT if words in answer.text and words not in text)


def problems_of_answer(
    answer: Answer, text: str, structures: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield what keeps a text from becoming an answer's: rules' keys and the words concerned."""
    if not text:
        yield "empty", ""
        return
    if len(text) > TEXT_MAX:
        yield "length", str(len(text))
        return
    yield from losses(answer, text)
    yield from (("address", words) for words in sorted(_contacts(text) - _contacts(answer.text)))
    yield from (("structure", name) for name in structures if name in text)
    invented = {*QUOTED.findall(text)} - {*QUOTED.findall(answer.text)}
    yield from (("quoted", words) for words in sorted(invented))
    if not answer.leads_on(text):
        yield "next", ""
    yield from problems_of_words(text)


def _contacts(text: str) -> set[str]:
    """Return the addresses of sites and the telephone numbers."""
    sites = {word.strip(".,;:()«»") for word in text.split() if SITE.search(word)}
    return sites | {*TELEPHONE.findall(text)}
