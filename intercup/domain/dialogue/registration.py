"""After sending: the number, or the reason without one and the next question."""

from dataclasses import replace

from intercup.domain.dialogue.draft import ACCESS, Draft, Outcome, Say


def registered(draft: Draft, number: str) -> Outcome:
    """Say the number, ask for a rating, and start a new draft."""
    said = "utter_registered_access" if draft.category == ACCESS else "utter_registered"
    return Outcome(Draft(), (Say(said, {"request_number": number}), Say("utter_ask_rating")))


def not_registered(draft: Draft, problem: str) -> Outcome:
    """Say that nothing is registered, and return to the summary with the draft unchanged."""
    said = (Say(f"utter_not_registered_{problem}"),)
    return Outcome(replace(draft, step="confirmation"), said)


def without_address(draft: Draft) -> Outcome:
    """Ask for the address that the login didn't give."""
    return Outcome(replace(draft, step="address"))
