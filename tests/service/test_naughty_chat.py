"""Texts that break programs go through the chat, Rasa and the actions to the office as typed."""

import pytest

from intercup.domain.normalise import normalise
from intercup.domain.request import DESCRIPTION_MAX
from intercup.mail.compose import quoted
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.naughty_texts import NAUGHTY_TEXTS, packed
from tests.support.running_service import RunningService

PLATFORM = "Assistenza generica sul sistema InterCup"
# What Rasa takes for a command when it begins a message.
COMMANDS = [text for text in NAUGHTY_TEXTS if text[:1] in "/{[E"]


@pytest.mark.parametrize("texts", [packed(DESCRIPTION_MAX), COMMANDS], ids=["packed", "commands"])
async def test_naughty_descriptions_arrive_as_typed(
    service: RunningService, texts: list[str]
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        for text in texts:
            await citizen.open("portal")
            await citizen.say("devo fare una richiesta")
            await to_summary(citizen, PLATFORM, None, text)
            await citizen.press("Invia")
            mails = await citizen.mails_about(number_in(citizen.text), 2)
            assert [
                quoted(normalise(text)) in mail["body"].replace("\r\n", "\n") for mail in mails
            ] == [
                True,
                True,
            ], repr(text[:60])
