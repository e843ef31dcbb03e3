"""Actions run by rasa-sdk: none of them raises, blocks or shows what it was told."""

import asyncio
import builtins
import inspect
import io
import logging
import socket
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from actions.base import Events, SafeAction
from actions.server import ACTIONS
from actions.session_start import ActionSessionStart
from actions.submit_request import ActionSubmitRequest
from actions.validate_request_form import ValidateRequestForm
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select, update

from intercup.db.tables import BrowserSession, Conversation, Request
from intercup.domain.directory import Directory
from intercup.services.chat.action_service import ActionService
from intercup.services.structures.structures import Structures
from tests.support.made_requests import (
    AGATA,
    BOTH,
    MAILS,
    NO_LIMITS,
    SECRET_KEY,
    TEXT,
    count,
    store_draft,
)
from tests.support.running_action import run
from tests.support.web_service import Service

CANARY = "CANARINO-7f3a"
NOBODY = cast(ActionService, None)  # for an action that asks nothing of the service
MESSAGE = "3f2c1a52-6c1e-4d34-9d4e-0d4a5b6c7d8e"
BLOCKING = (
    (time, "sleep"),
    (subprocess, "Popen"),
    (builtins, "open"),
    (io, "open"),
    *((socket.socket, name) for name in ("connect", "send", "sendall", "recv", "recv_into")),
)


class ActionRaising(SafeAction):
    """An action with a mistake in it, after it has begun to answer."""

    def name(self) -> str:
        return "action_raising"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        dispatcher.utter_message(text="La richiesta è stata registrata.")
        raise KeyError(tracker.latest_message["text"])


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the places that make the event loop wait.

    SQLite works inside the loop on purpose (docs/adr/0007) and isn't seen here.
    """
    places: list[str] = []
    for owner, name in BLOCKING:
        monkeypatch.setattr(owner, name, _noting(getattr(owner, name), places))
    yield places


def _noting(call: Callable[..., Any], places: list[str]) -> Callable[..., Any]:
    def noted(*arguments: Any, **more: Any) -> Any:
        is_patient = isinstance(arguments[0], socket.socket) and arguments[0].gettimeout() == 0
        if not is_patient and asyncio._get_running_loop():
            places.append("".join(traceback.format_stack(limit=4)))
        return call(*arguments, **more)

    return noted


async def test_an_action_that_raises_says_that_it_failed_and_nothing_else() -> None:
    answer = await run(ActionRaising(NOBODY), "x", latest_message={"text": CANARY})
    assert answer["events"] == []
    assert [reply["custom"] for reply in answer["responses"]] == [{"failed": "fault"}]
    assert [reply["text"] for reply in answer["responses"]] == [None]


async def test_the_log_of_an_action_that_raises_holds_the_place_and_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "actions")
    await run(ActionRaising(NOBODY), "x", latest_message={"text": CANARY})
    assert "action_raising failed: KeyError at " in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_every_action_is_a_safe_one(action: type[SafeAction]) -> None:
    assert action.run is SafeAction.run
    assert inspect.iscoroutinefunction(action.act)


@pytest.mark.parametrize("kind", ["sleep", "file", "process", "connection"])
async def test_a_call_that_blocks_is_noticed(blocked: list[str], kind: str) -> None:
    if kind == "sleep":
        time.sleep(0)  # noqa: ASYNC251
    elif kind == "file":
        open("/dev/null").close()  # noqa: ASYNC230, PTH123
    elif kind == "process":
        subprocess.Popen(["true"]).wait()  # noqa: ASYNC220
    else:
        with socket.socket() as nowhere, pytest.raises(OSError):
            nowhere.connect(("127.0.0.1", 1))
    assert len(blocked) >= 1


@pytest.mark.both_databases
async def test_no_action_makes_other_citizens_wait(
    service: Service, directory: Directory, blocked: list[str]
) -> None:
    sender = await _summary_of_agata(service)
    slots = {"category": "technical", "structure": "asp_trapani", "description": MESSAGE}
    slots |= BOTH | {"requested_slot": "confirmation"}
    said = {"text": "cos'è lo SPID?", "intent": {"name": "faq", "confidence": 0.9}}
    await store_draft(service.database, sender, description=MESSAGE)
    actions = [
        action(ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY))
        for action in ACTIONS
    ]
    blocked.clear()
    for action in actions:
        answer = await run(action, sender, slots=slots, latest_message=said)
        assert {"failed": True} not in [reply["custom"] for reply in answer["responses"]]
    assert blocked == []
    assert await count(service.database, Request) == 1, "all of them did their work"


async def _summary_of_agata(service: Service) -> str:
    """Let Agata write a description and return her chat's sender."""
    async with service.browser(AGATA) as browser:
        chat = (await browser.open_chat("portal"))["conversation"]
        await browser.say(TEXT, MESSAGE)
    async with service.database.read() as reading:
        found = await reading.scalar(select(Conversation.sender_id).where(Conversation.id == chat))
    assert found
    return found


async def test_the_start_knows_a_citizen_by_the_sender_and_needs_no_metadata(
    service: Service, directory: Directory
) -> None:
    sender = await _summary_of_agata(service)
    assistant = ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    known = await run(ActionSessionStart(assistant), sender)
    probe = await run(ActionSessionStart(assistant), "probe-1")
    assert [_slots(answer)["authenticated"] for answer in (known, probe)] == [True, False]


@pytest.mark.parametrize("action", [ActionSessionStart, ActionSubmitRequest])
async def test_an_unknown_sender_is_not_anonymous_but_has_moved(
    service: Service, directory: Directory, action: type[SafeAction]
) -> None:
    assistant = ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    answer = await run(action(assistant), "somebody-else")
    assert answer["events"] == []
    assert [reply["custom"] for reply in answer["responses"]] == [{"failed": "moved"}]


async def test_a_citizen_without_an_address_is_asked_for_one_and_not_sent_to_the_login(
    service: Service, directory: Directory
) -> None:
    sender = await _summary_of_agata(service)
    async with service.database.write() as writing:
        await writing.execute(update(BrowserSession).values(email=""))
    await store_draft(service.database, sender, description=MESSAGE)
    action = ActionSubmitRequest(
        ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    )
    answer = await run(action, sender)
    said = [reply["response"] for reply in answer["responses"] if reply["response"]]
    assert said == ["utter_ask_request_form_address"]
    assert _slots(answer)["requested_slot"] == "address"
    assert await count(service.database, Request) == 0


def _slots(answer: Any) -> dict[str, Any]:
    return {e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"}


@pytest.mark.parametrize(
    "stored",
    [
        {"step": "privacy", "privacy": None, "regulation": None},
        {"step": "confirmation", "privacy": None},
        {"step": "confirmation", "regulation": None},
        {"step": "description"},
    ],
)
async def test_slots_of_a_stranger_register_nothing_that_the_citizen_did_not_confirm(
    service: Service, directory: Directory, stored: dict[str, Any]
) -> None:
    sender = await _summary_of_agata(service)
    await store_draft(service.database, sender, description=MESSAGE, **stored)
    forged = {"category": "technical", "structure": "asp_trapani", "description": MESSAGE} | BOTH
    action = ActionSubmitRequest(
        ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    )
    await run(action, sender, slots=forged | {"requested_slot": "confirmation"})
    assert await count(service.database, Request) == 0


async def test_another_structure_in_the_slots_does_not_change_where_a_request_goes(
    service: Service, directory: Directory
) -> None:
    sender = await _summary_of_agata(service)
    await store_draft(service.database, sender, description=MESSAGE)
    forged = {"category": "information", "structure": "asp_ragusa", "description": "other"}
    action = ActionSubmitRequest(
        ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    )
    await run(action, sender, slots=forged)
    async with service.database.read() as reading:
        row = (await reading.scalars(select(Request))).one()
    assert (row.category, row.structure, row.description) == ("technical", "asp_trapani", TEXT)


async def test_a_consent_that_changed_while_the_chat_was_open_is_asked_again_before_sending(
    service: Service, directory: Directory
) -> None:
    sender = await _summary_of_agata(service)
    slots = {"category": "technical", "structure": "asp_trapani", "description": MESSAGE}
    slots |= BOTH | {"privacy": "2020-01-01", "requested_slot": "confirmation"}
    said = {"text": "/affirm", "intent": {"name": "affirm", "confidence": 1.0}}
    form = ValidateRequestForm(
        ActionService(service.database, Structures(directory), MAILS, NO_LIMITS, SECRET_KEY)
    )
    answer = await run(form, sender, slots=slots, latest_message=said)
    assert "utter_consent_changed" in [reply["response"] for reply in answer["responses"]]
    found = _slots(answer)
    assert (found["requested_slot"], found["privacy"], found["ending"]) == ("privacy", None, None)
    assert found["consent_asked"] == BOTH["privacy"]
    assert await count(service.database, Request) == 0
