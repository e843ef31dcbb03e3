"""A text after the sent request may be meant for it: it needn't be typed again, nor sent twice."""

from html import unescape

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.running_service import RunningService

FIRST = "non riesco a prenotare al Papardo, esce errore 500"
MORE = "scusi, il calendario del Papardo si blocca solo quando scelgo prima visita"


async def test_a_text_after_the_request_is_offered_to_be_added(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await citizen.say(FIRST)
        assert not citizen.links, "nothing is sent yet"
        await citizen.press(TEXTS("input.accept"))
        await citizen.press(TEXTS("input.accept"))
        await citizen.press(TEXTS("input.send"))
        number = number_in(citizen.text)
        await citizen.say(MORE)
        title = TEXTS("link.add_to", number=number)
        href = next(
            link["href"]
            for message in citizen.messages
            for link in message["links"]
            if link["title"] == title
        )
        assert MORE in unescape(await citizen.page(href.partition("#")[0]))
        assert MORE not in unescape(await citizen.page(f"/richieste/{number}"))
