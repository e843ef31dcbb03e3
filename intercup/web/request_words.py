"""Words about requests, in the visitor's language."""

from intercup.domain.addition import Added
from intercup.domain.request import PAGE_FACTS
from intercup.languages.catalogues import fact_words
from intercup.languages.visitor import LANGUAGE, day_text, isolated, italian
from intercup.services.requests.lookup import RequestWithState
from intercup.texts import spoken


def state_words(entry: RequestWithState) -> str:
    """Return the sentence for a request's newest state."""
    day = day_text(entry.state_at) if entry.state_at else ""
    return spoken(f"state.{entry.shown_state}", day=day)


def hop_words(entry: RequestWithState) -> list[str]:
    """Return a sentence for each time that the request was passed on."""
    return [
        spoken("state.forwarded", office=italian(hop.to_office), day=day_text(hop.at))
        for hop in entry.hops
    ]


def text_words(entry: RequestWithState) -> list[tuple[str, str]]:
    """Return the citizen's texts with their labels, without empty ones."""
    texts = entry.request.texts
    shown = {**texts, PAGE_FACTS: _spoken_facts(texts[PAGE_FACTS])}
    return [(spoken(f"request.{name}"), text) for name, text in shown.items() if text]


def _spoken_facts(facts: str) -> str:
    words = fact_words(LANGUAGE.get())
    lines = (line.partition(": ") for line in facts.splitlines())
    said = ((words.get(label, label), mark, words.get(fact, fact)) for label, mark, fact in lines)
    return "\n".join(f"{label}{mark}{isolated(fact)}" for label, mark, fact in said)


def addition_words(added: Added) -> tuple[str, str, str]:
    """Return an addition's label, text and state."""
    label = spoken(f"addition.{added.kind}_on", day=day_text(added.at))
    return label, added.text, spoken(f"state.{added.state}")
