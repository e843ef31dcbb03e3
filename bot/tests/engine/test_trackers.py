import asyncio
import random
from typing import Any

import pytest
from engine import trackers
from rasa.core.actions.forms import FormAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain, SessionConfig
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

COPY_BY_REPLAY = DialogueStateTracker.copy
ROUNDS = range(40)
MOST = 60  # events
DOMAIN = Domain.from_dict(
    {
        "slots": {
            "category": {"type": "text", "mappings": [{"type": "custom"}]},
            "candidates": {"type": "list", "mappings": [{"type": "custom"}]},
            "authenticated": {
                "type": "bool",
                "initial_value": False,
                "mappings": [{"type": "custom"}],
            },
        },
        "forms": {"request_form": {"required_slots": ["category"]}},
    }
)


def conversation(number: int) -> DialogueStateTracker:
    """Return one of many conversations, with events in any order."""
    chance = random.Random(number)  # noqa: S311 - a test's.
    tracker = DialogueStateTracker(f"sender {number}", DOMAIN.slots)
    tracker.model_id = "a model"
    for _ in range(chance.randrange(MOST)):
        tracker.update(chance.choice(_new_events(chance.random())))
    return tracker


def _new_events(chance: float) -> list[Event]:
    return [
        UserUttered(f"text {chance}", {"name": "greet", "confidence": 1.0}),
        BotUttered(f"text {chance}"),
        *(ActionExecuted(name) for name in ("action_listen", "action_listen", "request_form")),
        *(SlotSet("category", value) for value in (None, f"value {chance}")),
        SlotSet("candidates", [chance]),
        SlotSet("authenticated", True),
        ActiveLoop("request_form"),
        ActiveLoop(None),
        LoopInterrupted(True),
        ActionExecutionRejected("request_form"),
        ActionReverted(),
        UserUtteranceReverted(),
        AllSlotsReset(),
        ConversationPaused(),
        ConversationResumed(),
        SessionStarted(),
        *([Restarted()] if chance < 0.1 else []),
    ]


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    state = {**vars(tracker), **tracker.current_state(EventVerbosity.ALL)}
    return {**state, "slots": {name: vars(slot) for name, slot in tracker.slots.items()}}


@pytest.mark.parametrize("number", ROUNDS)
def test_a_copy_has_the_state_that_a_replay_gives(number: int) -> None:
    tracker = conversation(number)
    assert state_of(trackers.copied(tracker)) == state_of(COPY_BY_REPLAY(tracker))


@pytest.mark.parametrize("number", ROUNDS)
def test_what_happens_to_a_copy_leaves_the_original(number: int) -> None:
    tracker = conversation(number)
    before = state_of(COPY_BY_REPLAY(tracker))
    copy = trackers.copied(tracker)
    for event in _new_events(0.0):
        copy.update(event)
    assert state_of(COPY_BY_REPLAY(tracker)) == before
    assert tracker.current_state() == COPY_BY_REPLAY(tracker).current_state()


@pytest.mark.parametrize("number", ROUNDS)
def test_a_form_works_on_the_tracker_that_rasa_would_give_it(number: int) -> None:
    tracker = COPY_BY_REPLAY(conversation(number))
    form = FormAction("request_form", None)
    more = [SlotSet("category", "new"), BotUttered("asked")]
    ours, rasas = (
        make(form, tracker, more, DOMAIN)
        for make in (trackers._copied_with, trackers._replayed_with)
    )
    for event in (ours.events[-4], ours.events[-3], rasas.events[-4], rasas.events[-3]):
        event.timestamp = 0.0  # made at different moments
    assert state_of(ours) == state_of(rasas)


@pytest.mark.parametrize("number", ROUNDS)
def test_a_session_starts_when_rasa_would_start_it(
    number: int, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    async def note(self: MessageProcessor, **given: Any) -> None:
        started.append(given["action"].name())

    monkeypatch.setattr(MessageProcessor, "_run_action", note)
    tracker = conversation(number)
    asyncio.run(trackers._update_session(agent.processor, tracker, None))
    by_rasa = list(started)
    started.clear()
    asyncio.run(trackers._update_session_at_start(agent.processor, tracker, None))
    assert started == by_rasa


def test_a_session_that_can_expire_is_left_to_rasa(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def note(*given: Any) -> None:
        asked.append(given)

    tracker = DialogueStateTracker("sender", DOMAIN.slots)
    tracker.update(ActionExecuted("action_listen"))
    monkeypatch.setattr(trackers, "_update_session", note)
    for minutes in (0, 60):
        monkeypatch.setattr(agent.domain, "session_config", SessionConfig(minutes, False))
        asyncio.run(trackers._update_session_at_start(agent.processor, tracker, None))
    assert len(asked) == 1
