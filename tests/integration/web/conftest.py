"""A chat at the end of its request."""

import pytest
from sqlalchemy import select

from intercup.db.tables import ChatMessage, Conversation
from tests.support.made_requests import TEXT, store_draft
from tests.support.web_service import Browser


@pytest.fixture
async def sender(chatting: Browser) -> str:
    """The conversation of a citizen who looks at the summary."""
    status, _ = await chatting.say(TEXT)
    assert status == 200
    async with chatting.database.read() as reading:
        sender = (await reading.scalars(select(Conversation.sender_id))).one()
        written = select(ChatMessage.id).where(ChatMessage.author == "citizen")
        message = (await reading.scalars(written)).one()
    await store_draft(chatting.database, sender, description=message)
    return sender
