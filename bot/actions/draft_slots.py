"""Conversion between Rasa's slots and events and the flow's draft and turn."""

from dataclasses import fields
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from intercup.domain.dialogue import (
    EMERGENCY,
    STORY_MIN,
    Draft,
    Heard,
    Outcome,
    Turn,
    draft_as_json,
    draft_from_json,
)

DRAFT_SLOTS = tuple(f.name for f in fields(Draft) if f.name != "step")
FORM = "request_form"
SECOND_MIN = 0.4  # confidence from which a second reading is worth following


def draft_from(values: dict[str, Any], step: str | None) -> Draft:
    """Read a draft from slots."""
    return draft_from_json({**values, "step": step})


def slot_events(draft: Draft, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Set the slots that differ from the known ones, and always the requested one.

    Rasa iterates over all events of a conversation several times a turn, so fewer are faster.
    """
    values = draft_as_json(draft)
    changed = [name for name in DRAFT_SLOTS if (values[name] or None) != (known.get(name) or None)]
    events = [SlotSet(name, values[name]) for name in changed]
    return [*events, SlotSet("requested_slot", draft.step)]


def turn_from(tracker: Tracker) -> Turn:
    """Read the citizen's latest turn."""
    message = tracker.latest_message
    intent = message.get("intent") or {}
    entities = {entity["entity"]: entity["value"] for entity in message.get("entities") or []}
    metadata = message.get("metadata") or {}
    meant = message.get("field_meant") or {}
    text = message.get("text") or ""
    is_button = text.startswith("/")
    return Turn(
        intent=_full_intent(message),
        confidence=intent.get("confidence") or 0.0,
        text=None if is_button else text,
        message_id=metadata.get("message_id"),
        length=metadata.get("length") or 0,
        next_intent=_next_intent(message),
        ranking=tuple((r["name"], r["confidence"]) for r in message.get("intent_ranking") or []),
        yes_to=tuple(message.get("explicit_yes") or ()),
        meant=meant.get("name"),
        meant_confidence=meant.get("confidence") or 0.0,
        structure=entities.get("structure"),
        field=entities.get("field"),
        proposed_structure=metadata.get("proposed_structure"),
        mentioned=tuple(metadata.get("mentioned") or ()),
        earlier=_earlier(tracker),
        authenticated=bool(tracker.get_slot("authenticated")),
        has_email=metadata.get("has_email") is not False,
        address=metadata.get("address"),
        code=metadata.get("code"),
    )


def _full_intent(message: dict[str, Any]) -> str:
    """Return the intent with its part after the slash, as in `faq/spid`."""
    name: str = (message.get("intent") or {}).get("name") or "nlu_fallback"
    selected = (message.get("response_selector") or {}).get(name) or {}
    return (selected.get("response") or {}).get("intent_response_key") or name


def _next_intent(message: dict[str, Any]) -> str | None:
    """Return the second reading; None if it is as unlikely as not to be understood."""
    ranking = message.get("intent_ranking") or []
    return next((r["name"] for r in ranking[1:2] if r["confidence"] >= SECOND_MIN), None)


def _earlier(tracker: Tracker) -> Heard | None:
    """Return the text before the current turn if it was long and no emergency."""
    said = [event for event in tracker.events if event["event"] == "user"][-2:-1]
    for event in said:
        metadata, text = event.get("metadata") or {}, event.get("text") or "/"
        intent = (event.get("parse_data") or {}).get("intent") or {}
        length = metadata.get("length") or 0
        if not text.startswith("/") and intent.get("name") != EMERGENCY and length >= STORY_MIN:
            return Heard(metadata["message_id"], tuple(metadata["mentioned"]), None, length)
    return None


def say_all(dispatcher: CollectingDispatcher, outcome: Outcome) -> None:
    """Send the answers in order, with the draft for the gateway to store with them."""
    for answer in outcome.say:
        dispatcher.utter_message(response=answer.response, **answer.values)
    report(dispatcher, outcome.draft)


def report(dispatcher: CollectingDispatcher, draft: Draft) -> None:
    """Send the draft to the gateway, which stores it with its reply."""
    dispatcher.utter_message(json_message={"draft": draft_as_json(draft)})
