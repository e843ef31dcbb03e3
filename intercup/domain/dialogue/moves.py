"""Moves between the steps: set a field, go back to one, find the next question."""

from dataclasses import replace

from intercup.domain.consent import CONSENTS, current_version
from intercup.domain.dialogue.draft import (
    ACCESS,
    NO_STRUCTURE,
    Draft,
    Field,
    Outcome,
    Say,
    Turn,
)
from intercup.domain.dialogue.order import ACCESS_FIELDS, FIELDS
from intercup.domain.directory import Directory
from intercup.domain.request import TEXT_FIELDS

STRUCTURE_TAKEN = "utter_structure_taken"


def at_next_step(draft: Draft, directory: Directory) -> Draft:
    """Set the step to the first field still missing, or to the summary."""
    if draft.structure == NO_STRUCTURE and structure_required(draft, directory):
        draft = replace(draft, structure=None)
    draft = without_old_consents(draft)
    wanted = ACCESS_FIELDS if draft.category == ACCESS else FIELDS
    missing = (name for name in wanted if getattr(draft, name) is None)
    draft = replace(draft, step=next(missing, "confirmation"), pending=None)
    draft = replace(draft, rivals=draft.rivals if draft.step == "category" else ())
    asked = current_version(draft.step) if draft.step in ("privacy", "regulation") else None
    draft = replace(draft, consent_asked=asked)
    if draft.step == "structure" and not draft.candidates:
        told = draft.heard_in(draft.description or draft.first_message)
        draft = replace(draft, candidates=told.structures)
    return draft


def with_address_asked(outcome: Outcome, turn: Turn) -> Outcome:
    """Ask for the address before the summary where the login gave none."""
    at_the_end = outcome.draft.step == "confirmation" or outcome.ending == "send"
    if turn.has_email or outcome.draft.category == ACCESS or not at_the_end:
        return outcome
    return replace(outcome, draft=replace(outcome.draft, step="address"), ending=None)


def without_old_consents(draft: Draft) -> Draft:
    """Take back consents to outdated texts."""
    for consent in CONSENTS:
        if getattr(draft, consent.id) not in (None, consent.version):
            draft = draft.with_consent(consent.id, None)
    return draft


def structure_required(draft: Draft, directory: Directory) -> bool:
    """Return True if the draft's category needs a structure; without a category it may."""
    category = directory.category_by_id.get(draft.category or "")
    return category is None or category.structure_required


def with_structure(draft: Draft, structure: str, directory: Directory) -> Outcome:
    """Set the structure and say its name, so that the citizen can check it at once."""
    draft = replace(draft, structure=structure, candidates=())
    say: tuple[Say, ...] = ()
    if structure != NO_STRUCTURE:
        name = directory.structure_by_id[structure].name
        say = (Say(STRUCTURE_TAKEN, {"structure_name": name}),)
    return Outcome(at_next_step(draft, directory), say)


def with_description(draft: Draft, message_id: str, directory: Directory) -> Outcome:
    """Take a message as the description."""
    draft = replace(draft, description=message_id, first_message=None, pending=None)
    return Outcome(at_next_step(draft, directory))


def edit(draft: Draft, wanted: Field) -> Outcome:
    """Go back to one field; the others stay, and the flow then continues from its step."""
    if wanted == "category":
        draft = replace(draft, category=None)
    elif wanted == "structure":
        draft = replace(draft, structure=None)
    elif wanted == "address":
        draft = replace(draft, address=None)
    elif wanted == "description":
        written = draft.description or draft.first_message
        draft = replace(draft, description=None, first_message=written)
    return Outcome(replace(draft, step=wanted, candidates=(), pending=None))


def back(draft: Draft, directory: Directory) -> Draft:
    """Return from a check to the question that was open before it."""
    if draft.pending:
        return replace(draft, step="description_check")
    return at_next_step(draft, directory)


def editable_fields(draft: Draft) -> tuple[Field, ...]:
    """Return the fields of this kind of request that the citizen can go back to.

    After login the address comes from SPID; it can be changed, but needn't be asked.
    """
    if draft.category == ACCESS:
        return ("description", "address")
    return ("category", "structure", *TEXT_FIELDS, "address")


def editable(draft: Draft, wanted: str | None) -> Field | None:
    """Return the field if the citizen can go back to it."""
    return next((field for field in editable_fields(draft) if field == wanted), None)
