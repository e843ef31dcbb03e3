"""Speak with Rasa over its REST channel."""

from typing import Any

import aiohttp

STATUS_TIMEOUT = 2.0  # seconds
RASA_TEXT_MAX = 400  # characters; understanding runs in Rasa's event loop and blocks everybody


class RasaUnavailable(Exception):
    """Rasa didn't answer, answered with an error, or lost the turn; it may work later."""


class TurnFailed(Exception):
    """An action of ours can't handle this turn, and won't later."""


class RasaClient:
    """One keep-alive connection pool to a Rasa server on loopback."""

    def __init__(self, url: str, timeout: float, secret: str) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"
        self._status_url = f"{url.rstrip('/')}/"
        self.timeout = timeout
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=STATUS_TIMEOUT),
            headers={"Authorization": f"Bearer {secret}"},
            trust_env=False,
        )

    async def send(
        self, sender_id: str, message: str, metadata: dict[str, Any], seconds: float
    ) -> list[dict[str, Any]]:
        """Send one message and return the replies, never an empty list, within these seconds.

        `message` is a button's payload, which starts with a slash, or what `as_plain_text` made.

        Raises:
            RasaUnavailable: nothing usable came back. Rasa answers 200 with an empty list when
                the action server didn't answer.
            TurnFailed: an action failed for good.
        """
        limit = aiohttp.ClientTimeout(total=seconds)
        body = {"sender": sender_id, "message": message, "metadata": metadata}
        try:
            async with self._session.post(self._url, json=body, timeout=limit) as response:
                replies: Any = await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RasaUnavailable(type(error).__name__) from error
        failures = _failures_in(replies)
        if "fault" in failures:
            raise TurnFailed
        if failures or not any(map(_is_usable, replies)):
            raise RasaUnavailable("no usable reply")
        return list(replies)

    async def is_up(self) -> bool:
        """Return True if the server answers at all."""
        try:
            async with self._session.get(self._status_url) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _failures_in(replies: Any) -> set[str]:
    """Return how actions failed: `outage` of what they need, or `fault` of ours."""
    if not isinstance(replies, list):
        return {"outage"}
    signals = [reply.get("custom") or {} for reply in replies if isinstance(reply, dict)]
    return {signal["failed"] for signal in signals if signal.get("failed")}


def _is_usable(reply: object) -> bool:
    return isinstance(reply, dict) and bool(reply.get("text"))


def as_plain_text(text: str) -> str:
    """Cut to what Rasa may see, on one line, so that it can't be read as a command."""
    return " ".join(text.split())[:RASA_TEXT_MAX].lstrip("/ ") or "?"
