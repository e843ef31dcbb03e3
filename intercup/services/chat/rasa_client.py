"""A client for Rasa's REST channel."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import aiohttp

from intercup.domain.normalise import normalise, without_identifiers
from intercup.log import TRACE, TRACE_HEADER
from intercup.metrics import FAILURES, timed
from intercup.services.chat.conversations import PROBE_SENDER
from intercup.services.chat.explained import Explained
from intercup.services.chat.lease import LeaseLost

PARSE_TIMEOUT = 0.3  # seconds
NOTHING = "?"  # what Rasa reads of a text without words for it
# Rasa's own commands, where Rasa reads them: at the beginning.
COMMAND = re.compile(r"(?:EXTERNAL: ?)?[/ ]*+(?<=/)(?:[a-z_/]++ ?\{|[a-z]+(_[a-z]+)+\W*$)", re.I)
FAILING = 10.0  # seconds for which a failed server is skipped


class RasaUnavailable(Exception):
    """Rasa didn't answer, answered with an error, or lost the turn; it may work later."""


class TurnFailed(Exception):
    """An action of ours can't handle this turn, and won't later."""


@dataclass(frozen=True)
class RasaAnswer:
    """The replies to one message, at least one, and the number of their server."""

    server: int
    replies: list[dict[str, Any]]


class RasaClient:
    """Rasa servers on loopback, each with a keep-alive pool.

    A conversation's id determines its server; while that fails, the next one takes over.
    """

    def __init__(self, urls: Sequence[str], timeout: float, secret: str) -> None:
        self._urls = [url.rstrip("/") for url in urls]
        self._failing_until = [0.0] * len(urls)
        self.timeout = timeout
        # A single server gets more time: a slow answer is better than none.
        self.first_share = 2 / 3 if len(urls) == 1 else 1 / 3  # of a turn's time, on one server
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {secret}"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    @property
    def servers(self) -> int:
        """The number of servers."""
        return len(self._urls)

    @property
    def is_failing(self) -> bool:
        """True if every server has failed a moment ago."""
        return min(self._failing_until) > time.monotonic()

    def server_of(self, conversation_id: str) -> int:
        """Return the conversation's server, or the next one without a recent failure.

        If all have failed, it is the one that failed first.
        """
        own, count, now = crc32(conversation_id.encode()), len(self._urls), time.monotonic()
        servers = [(own + turn) % count for turn in range(count)]
        return min(servers, key=lambda server: max(0.0, self._failing_until[server] - now))

    async def send(
        self, server: int, sender_id: str, message: str, metadata: dict[str, Any], seconds: float
    ) -> RasaAnswer:
        """Send one message to a server and return its replies within these seconds.

        `message` is a button's payload, which starts with a slash, or what `as_plain_text` made.

        Raises:
            RasaUnavailable: there is no usable reply. Rasa answers 200 with an empty list if
                the action server doesn't answer.
            TurnFailed: an action failed for good.
            LeaseLost: the actions don't know the sender any more.
        """
        body = {"sender": sender_id, "message": message, "metadata": metadata}
        try:
            with timed("probe" if sender_id.startswith(PROBE_SENDER) else "rasa"):
                replies = await self._post(self._urls[server], body, seconds)
        except TurnFailed:
            FAILURES.labels("rasa", "fault").inc()
            raise
        except RasaUnavailable as error:
            FAILURES.labels("rasa", str(error)).inc()
            is_early = seconds < self.timeout * self.first_share
            if not (is_early and isinstance(error.__cause__, TimeoutError)):
                self._failing_until[server] = time.monotonic() + FAILING
            raise
        self._failing_until[server] = 0.0
        return RasaAnswer(server, replies)

    async def _post(self, url: str, body: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
        limit = aiohttp.ClientTimeout(total=seconds)
        path = f"{url}/webhooks/rest/webhook"
        try:
            headers = {TRACE_HEADER: TRACE.get()}
            async with self._session.post(
                path, json=body, headers=headers, timeout=limit
            ) as response:
                replies: Any = await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RasaUnavailable(type(error).__name__) from error
        failures = _failures_in(replies)
        if "moved" in failures:
            raise LeaseLost
        if "fault" in failures:
            raise TurnFailed
        if failures or not any(map(_is_usable, replies)):
            raise RasaUnavailable("no usable reply")
        return list(replies)

    async def ranking_of(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the likeliest intents of a text with their probabilities, outside any chat.

        Nothing waits for a slow server: without its answer there are none.
        """
        url = f"{self._urls[self.server_of(text)]}/webhooks/rest/parse"
        limit = aiohttp.ClientTimeout(total=PARSE_TIMEOUT)
        try:
            async with self._session.post(url, json={"text": text}, timeout=limit) as response:
                ranking: Any = await response.json() if response.status == 200 else []
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ()
        return tuple((reading["name"], reading["confidence"]) for reading in ranking)

    async def explain(self, text: str) -> Explained | None:
        """Return how the model in use reads a text, outside any chat; None without an answer."""
        url = f"{self._urls[self.server_of(text)]}/webhooks/rest/explain"
        limit = aiohttp.ClientTimeout(total=self.timeout)
        body = {"text": as_plain_text(text)}
        try:
            async with self._session.post(url, json=body, timeout=limit) as response:
                read: Any = await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None
        if read is None:
            return None
        ranking = tuple((name, share) for name, share in read["ranking"])
        return Explained(ranking, read["doubtful"], tuple(read["vector"]), read["model"])

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _failures_in(replies: Any) -> set[str]:
    """Return the kinds of failed actions: `outage` of a dependency, `fault` of ours, `moved`."""
    if not isinstance(replies, list):
        return {"outage"}
    signals = [reply.get("custom") or {} for reply in replies if isinstance(reply, dict)]
    return {signal["failed"] for signal in signals if signal.get("failed")}


def _is_usable(reply: object) -> bool:
    return isinstance(reply, dict) and bool(reply.get("text"))


def as_plain_text(text: str) -> str:
    """Put a text on one line for Rasa, without identifiers and never read as a command.

    Of a typed command not even the words count: "inform_structure" names a structure.
    """
    line = " ".join(normalise(text).split())
    if COMMAND.match(line):
        return NOTHING
    return without_identifiers(line).lstrip("/ ") or NOTHING
