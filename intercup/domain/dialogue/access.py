"""Help with access problems before login, and addresses proved by a code."""

import re
from dataclasses import replace

from intercup.domain.dialogue.draft import ACCESS, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.moves import at_next_step, edit
from intercup.domain.dialogue.opening import is_story, take_story, told
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from intercup.domain.request import DESCRIPTION_MAX

_SEND_WORDS = re.compile(r"\b(invi|mand|scriv|spedi)\w*")
_INSTEAD_OF_ME = re.compile(r"\b(tu|lei|voi|pure|da qui|per me)\b")
_SOLVED_WORDS = re.compile(r"\b(risolt[oaie]|riuscit[oa] a|(ora|adesso) (funziona|va|entro))\b")
_LEAVES = ("deny", "thank", "goodbye")


def access_help(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: shall I send a message for you, or do you write it yourself?"""
    if turn.address:  # It was asked for in passing, and is the answer.
        return address_step(replace(draft, category=ACCESS, structure=None), turn, directory)
    text = (turn.text or "").lower()
    solved = _SOLVED_WORDS.search(text)
    if not solved and _wants_to_write(turn, text):
        draft = replace(draft, category=ACCESS, structure=None, candidates=())
        return Outcome(at_next_step(draft, directory))
    if solved or turn.intent in _LEAVES:
        return Outcome(replace(draft, step=None), (Say("utter_access_left"),), "pause")
    if turn.intent == "cancel":
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "edit_answer":
        draft = replace(draft, category=ACCESS, structure=None)
        draft = replace(draft, description=None, first_message=None)
        return Outcome(at_next_step(draft, directory))
    category = directory.category_of_intent.get(turn.intent)
    if category and not directory.is_sent_before_login(turn.intent):
        noted = told(replace(draft, category=category), turn, directory).draft
        return Outcome(replace(noted, step=None), (Say("utter_login_needed"),), "pause")
    if category and is_story(turn):
        return Outcome(_with_more(draft, turn, directory), (Say("utter_access_noted"),))
    return None


def _with_more(draft: Draft, turn: Turn, directory: Directory) -> Draft:
    """Add a text to the description, as long as both fit into it."""
    if draft.description is None:
        return take_story(draft, turn, directory)
    if draft.heard_in(draft.description).length + turn.length >= DESCRIPTION_MAX:
        return draft
    longer = replace(draft, description=f"{draft.description} {turn.message_id}")
    return longer.hearing(turn.heard(directory))


def _wants_to_write(turn: Turn, text: str) -> bool:
    if turn.intent == "request_assistance" or is_explicit_yes(turn, "confirmation"):
        return True
    return any(_asks_to_send(line) for line in text.splitlines())


def _asks_to_send(line: str) -> bool:
    """Return True if the line asks us to send; two patterns, as a single one would be quadratic."""
    verb = _SEND_WORDS.search(line)
    return verb is not None and _INSTEAD_OF_ME.search(line, verb.end()) is not None


def address_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: which address? Only the gateway's verdict on it comes here."""
    if turn.address == "sent":
        return Outcome(replace(draft, step="code"))
    if turn.address == "limited":  # Another address would be refused as well.
        return _without_code(draft, turn, directory)
    if turn.address:
        return Outcome(replace(draft, step="address"), (Say(f"utter_address_{turn.address}"),))
    if turn.intent == "deny" and draft.category != ACCESS and turn.has_email:
        return Outcome(at_next_step(draft, directory))  # The address from SPID stays.
    return None


def _without_code(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Go on with the address from SPID, or put the request aside."""
    if draft.category != ACCESS and turn.has_email:
        return Outcome(at_next_step(draft, directory), (Say("utter_address_stays"),))
    return Outcome(replace(draft, step=None), (Say("utter_address_limited"),), "pause")


def code_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: which code? A new address, or a new code, starts the proof again."""
    if turn.code == "right":
        return Outcome(at_next_step(replace(draft, address="proved"), directory))
    if turn.code:
        return Outcome(draft, (Say(f"utter_code_{turn.code}"),))
    if turn.address == "sent":
        return Outcome(draft, (Say("utter_code_sent_again"),))
    if turn.address == "limited":
        return Outcome(draft, (Say("utter_code_limited"),))
    if turn.address:
        return Outcome(draft, (Say(f"utter_address_{turn.address}"),))
    if turn.field == "address":
        return edit(draft, "address")
    return None
