"""Every conversation of this folder, through the whole service to the SMTP server."""

from pathlib import Path

import pytest

from tests.support.conversations.answers import not_heard
from tests.support.conversations.format import LoadedConversation, load_conversations
from tests.support.conversations.runner import run_conversation
from tests.support.running_service import RunningService

CONVERSATIONS = load_conversations(Path(__file__).parent)
HEARD: dict[str, list[str]] = {}


@pytest.mark.parametrize("loaded", CONVERSATIONS, ids=lambda loaded: loaded.id)
async def test_conversation(service: RunningService, loaded: LoadedConversation) -> None:
    HEARD[loaded.id] = await run_conversation(service.url, loaded.test)


def test_the_conversations_have_different_names() -> None:
    assert len({loaded.id for loaded in CONVERSATIONS}) == len(CONVERSATIONS)


def test_every_answer_of_the_assistant_was_heard() -> None:
    if len(HEARD) < len(CONVERSATIONS):
        pytest.skip("not all conversations were run, or not all passed")
    assert not_heard([text for texts in HEARD.values() for text in texts]) == []
