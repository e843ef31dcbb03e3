"""Every conversation of this folder, through the whole service to the SMTP server."""

from pathlib import Path

import pytest

from tests.conversations.runner import LoadedConversation, load_conversations, run_conversation
from tests.running_service import RunningService

CONVERSATIONS = load_conversations(Path(__file__).parent)


@pytest.mark.parametrize("loaded", CONVERSATIONS, ids=lambda loaded: loaded.id)
async def test_conversation(service: RunningService, loaded: LoadedConversation) -> None:
    await run_conversation(service.url, loaded.test)
