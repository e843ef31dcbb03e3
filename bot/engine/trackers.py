"""Conversations copied, where Rasa would repeat all their events."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Optional

from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

_replayed_with = FormAction._temporary_tracker
_update_session = MessageProcessor._update_tracker_session


def without_replay() -> None:
    """Change Rasa's copies in this process."""
    DialogueStateTracker.copy = copied
    FormAction._temporary_tracker = _copied_with
    MessageProcessor._update_tracker_session = _update_session_at_start


def copied(self: DialogueStateTracker) -> DialogueStateTracker:
    """Return a tracker with the same events and state.

    Rasa's copy would take up again a follow-up action that was begun; we have none.
    """
    twin = copy.copy(self)
    twin.events = self.events.copy()
    twin.slots = {name: _copied_slot(slot) for name, slot in self.slots.items()}
    twin.active_loop = copy.copy(self.active_loop)
    # As in Rasa's copies: their events aren't marked with the model.
    twin.model_id = twin.assistant_id = twin.sender_source = None
    return twin


def _copied_slot(slot: Slot) -> Slot:
    twin: Slot = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


def _copied_with(
    self: FormAction,
    current_tracker: DialogueStateTracker,
    additional_events: List[Event],
    domain: Domain,
) -> DialogueStateTracker:
    """Return a copy with the form's events, which starts at the latest restart."""
    if Restarted in map(type, current_tracker.events):
        return _replayed_with(self, current_tracker, additional_events, domain)
    twin = copied(current_tracker)
    requested = SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker))
    for event in (requested, ActionExecuted(self.name()), *additional_events):
        twin.update(event, domain)
    return twin


async def _update_session_at_start(
    self: MessageProcessor,
    tracker: DialogueStateTracker,
    output_channel: OutputChannel,
    metadata: Optional[Dict[str, Any]] = None,
) -> None:
    """Start the session of a conversation that has none.

    Rasa goes through all events at each turn to know if there is one that wasn't taken back: a
    third of a turn. That the assistant listens is such an event.
    """
    last = tracker.events[-1] if tracker.events else None
    is_listening = isinstance(last, ActionExecuted) and last.action_name == ACTION_LISTEN_NAME
    if not is_listening or self.domain.session_config.are_sessions_enabled():
        await _update_session(self, tracker, output_channel, metadata)
