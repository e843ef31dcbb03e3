"""A citizen who sends half of the messages twice at once, and retries as the widget does."""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
STRUCTURE = "ASP Trapani"
DESCRIPTION = "Dopo la scelta dell'orario la pagina si chiude."
PAUSES = (3.0, 6.0, 12.0, 30.0, 60.0)  # seconds; the widget's
NOT_SENT = ("non è stata inviata", "NON è")


@dataclass
class Tally:
    """Numbers shown to citizens, and failures."""

    numbers: list[str] = field(default_factory=list)
    retries: int = 0
    failures: list[str] = field(default_factory=list)
    false_sentences: list[str] = field(default_factory=list)


class ImpatientCitizen(ChattingCitizen):
    """Chats through the proxy, with a pause in seconds before each message."""

    def __init__(self, url: str, tally: Tally, pause: float = 0.0) -> None:
        super().__init__(url)
        self._tally, self._pause = tally, pause
        self._twice = itertools.cycle((True, False))

    async def post(self, body: dict[str, str]) -> list[dict[str, Any]]:
        await asyncio.sleep(self._pause)
        tries = [self._until_answered(body) for _ in range(2 if next(self._twice) else 1)]
        answers = await asyncio.gather(*tries)
        if any(answer != answers[0] for answer in answers):
            self._tally.failures.append(f"two answers to one message: {answers}")
        self.messages = answers[0]
        if any(words in self.text for words in NOT_SENT):
            self._tally.false_sentences.append(self.text)
        return self.messages

    async def _until_answered(self, body: dict[str, str]) -> list[dict[str, Any]]:
        for pause in (*PAUSES, None):
            status, answer = await self._try(body)
            if status == 200 and not answer.get("retry"):
                messages: list[dict[str, Any]] = answer["messages"]
                return messages
            if pause is None or not (status in (0, 200, 429) or status >= 500):
                raise AssertionError(f"{status}: {answer}")
            self._tally.retries += 1
            await asyncio.sleep(pause)
        raise AssertionError

    async def _try(self, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Send once; status 0 is no answer."""
        path, headers = f"{self.url}/chat/messages", {"Origin": self.url}
        try:
            async with self._http.post(path, json=body, headers=headers) as response:
                is_json = response.content_type == "application/json"
                return response.status, await response.json() if is_json else {}
        except aiohttp.ClientError:
            return 0, {}

    async def request_by_chat(self) -> None:
        """Chat until the request has its number."""
        await to_summary(self, CATEGORY, STRUCTURE, DESCRIPTION)
        await self.press(TEXTS("input.send"))
        self._tally.numbers.append(number_in(self.text))

    async def request_by_form(self, fields: dict[str, str]) -> None:
        """Send the form twice at once, as by a double click, without any retry."""
        fields = fields | {"submission_key": str(uuid4())}
        pages = await asyncio.gather(*(self._send_form(fields) for _ in range(2)))
        numbers = {number_in(page) for page in pages}
        if len(numbers) > 1:
            self._tally.failures.append(f"two numbers for one form: {numbers}")
        self._tally.numbers += numbers

    async def _send_form(self, fields: dict[str, str]) -> str:
        path, headers = f"{self.url}/assistenza", {"Origin": self.url}
        async with self._http.post(path, data=fields, headers=headers) as response:
            page = await response.text()
            assert response.status == 200, (response.status, page[-600:])
            return page
