"""A citizen without an e-mail address at login sends a request in the chat, after proving one."""

from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.running_service import RunningService

NAME = "Salvatore Cusumano"
TEXT = "non riesco a prenotare al papardo, la pagina della data non si apre"


async def test_the_chat_asks_for_an_address_before_the_summary(service: RunningService) -> None:
    address = "salvatore.chat@example.it"
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(NAME)
        await citizen.open("portal")
        await citizen.say(TEXT)
        await citizen.press("Sì, confermo")
        await citizen.press("Sì, confermo")
        assert "A quale indirizzo e-mail" in citizen.text
        assert "Lascia l'indirizzo di prima" not in citizen.offers
        await citizen.say("no")
        assert "A quale indirizzo e-mail" in citizen.text
        await citizen.say(f"scrivetemi a {address}")
        await citizen.say(await citizen.code_sent_to(address))
        rows = {row["label"]: row["value"] for row in citizen.input["rows"]}
        assert address in rows.values()
        await citizen.press("Invia")
        number = number_in(citizen.text)
        mails = await citizen.mails_about(number, 2)
    assert [address] in [mail["rcpt"] for mail in mails]


async def test_an_address_given_on_the_page_is_known_to_the_open_chat(
    service: RunningService,
) -> None:
    address = "salvatore.pagina@example.it"
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(NAME)
        await citizen.open("portal")
        await citizen.say(TEXT)
        await citizen.send_address(address)
        await citizen.press("Sì, confermo")
        await citizen.press("Sì, confermo")
        rows = {row["label"]: row["value"] for row in citizen.input["rows"]}
        assert address in rows.values()
