"""Speak with Rasa over its REST channel."""

from typing import Any

import aiohttp

RASA_TEXT_MAX = 400  # characters; understanding runs in Rasa's event loop and blocks everybody


class RasaUnavailable(Exception):
    """Rasa didn't answer, answered with an error, or lost the turn."""


class RasaClient:
    """One keep-alive connection pool to a Rasa server on loopback."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"
        self._status_url = f"{url.rstrip('/')}/"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout), trust_env=False
        )

    async def send(
        self, sender_id: str, message: str, metadata: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Send one message and return the replies, never an empty list.

        `message` is a button's payload, which starts with a slash, or what `as_plain_text` made.

        Raises:
            RasaUnavailable: nothing usable came back. Rasa answers 200 with an empty list when
                an action failed.
        """
        body = {"sender": sender_id, "message": message, "metadata": metadata}
        try:
            async with self._session.post(self._url, json=body) as response:
                replies = await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RasaUnavailable(type(error).__name__) from error
        if not isinstance(replies, list) or not any(_is_usable(reply) for reply in replies):
            raise RasaUnavailable("no usable reply")
        if any((reply.get("custom") or {}).get("failed") for reply in replies):
            raise RasaUnavailable("action failed")
        return replies

    async def is_up(self) -> bool:
        """Tell whether the server answers at all."""
        try:
            async with self._session.get(self._status_url) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _is_usable(reply: object) -> bool:
    return isinstance(reply, dict) and bool(reply.get("text"))


def as_plain_text(text: str) -> str:
    """Cut to what Rasa may see, on one line, so that it can't be read as a command."""
    return " ".join(text.split())[:RASA_TEXT_MAX].lstrip("/ ") or "?"
