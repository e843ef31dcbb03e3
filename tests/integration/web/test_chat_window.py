"""A page opened in a long chat gets its newest messages; earlier ones come when asked for."""

from typing import Any

from intercup.domain.directory import Directory
from intercup.services.chat.conversations import Message, append
from tests.support.web_service import Browser

BYTES_MAX = 40_000
TURNS = 200


async def a_long_chat(browser: Browser, directory: Directory) -> list[str]:
    """Let a chat have 200 turns, each with a list of all structures; return the messages' ids."""
    conversation = (await browser.open_chat())["conversation"]
    options = [{"title": s.name, "payload": f"/{s.id}"} for s in directory.structures]
    groups = [{"label": "Tutte", "options": options}]
    said = [
        message
        for turn in range(TURNS)
        for message in (
            Message(f"Domanda numero {turn}, come la scrive un cittadino.", "citizen"),
            Message("Una risposta " + "di media lunghezza " * 6),
            Message("Quale struttura?", input={"type": "select", "label": "S", "groups": groups}),
        )
    ]
    async with browser.database.write() as writing:
        await append(writing, conversation, said)
    return [message.id for message in said]


async def opened(browser: Browser, since: str = "") -> tuple[int, dict[str, Any]]:
    async with browser.get(f"/chat/session?page=home{since}") as response:
        return len(await response.read()), await response.json()


async def test_a_page_in_a_chat_of_200_turns_gets_no_more_than_40_kb(
    browser: Browser, directory: Directory
) -> None:
    ids = await a_long_chat(browser, directory)
    size, body = await opened(browser)
    assert size <= BYTES_MAX
    shown = body["messages"]
    assert [message["id"] for message in shown] == ids[-len(shown) :]
    assert len(shown) > 30
    assert shown[-1]["input"]["groups"]  # The open question has its options.
    assert all("input" not in message for message in shown[:-2])


async def test_asking_for_earlier_messages_reaches_the_first(
    browser: Browser, directory: Directory
) -> None:
    ids = await a_long_chat(browser, directory)
    _, body = await opened(browser)
    for _ in range(20):
        before = body["messages"]
        _, body = await opened(browser, f"&from={body['earlier']}")
        assert len(body["messages"]) > len(before)
        if "earlier" not in body:
            break
    assert [message["id"] for message in body["messages"]] == ids[-500:]


async def test_a_short_chat_comes_whole(browser: Browser) -> None:
    _, body = await opened(browser)
    assert (len(body["messages"]), "earlier" in body) == (1, False)
    for odd in ("-1", "x", "9" * 30, "%C2%B2"):
        assert len((await opened(browser, f"&from={odd}"))[1]["messages"]) == 1
