"""/presidio/consegne: what waits, and since when and why; retry and readdress."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.domain.delivery import NOT_ARRIVED, DeliveryState
from intercup.domain.italian_time import ROME
from intercup.errors import NotFound
from intercup.services.delivery import outbox
from intercup.services.delivery.desk_list import (
    Relay,
    Row,
    offices_waiting,
    reason_of,
    relay_state,
    waiting,
)
from intercup.services.requests.readdress import NotReaddressed, Team, readdress, rerouted
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, SETTINGS, STRUCTURES
from intercup.web.desk.page import DESK, desk_page, note_change
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/consegne"
LISTED = 200  # deliveries
BACK = ("office", "state")  # the filter, to return to


async def show(request: web.Request) -> web.Response:
    """List the deliveries that haven't arrived, filtered by office and state."""
    office, state = (request.query.get(name, "") for name in BACK)
    states = [found for found in NOT_ARRIVED if state in ("", found)]
    async with request.app[DATABASE].read() as reading:
        relay = await relay_state(reading)
        rows = await waiting(reading, states, office, LISTED + 1)
        offices = await offices_waiting(reading)
        left = await of_left_mailboxes(request, reading, rows[:LISTED])
    context = {
        "rows": [shown(row, relay, row.id in left) for row in rows[:LISTED]],
        "listed": LISTED if len(rows) > LISTED else None,
        "offices": offices,
        "states": [(str(each), TEXTS(f"delivery_state.{each}")) for each in NOT_ARRIVED],
        "office": office,
        "state": state,
        "relay": _relay(relay),
        "done": done(request),
    }
    return await desk_page(request, "desk_deliveries.html", "deliveries", context)


async def post_retry(request: web.Request) -> web.Response:
    """Queue a held or failed mail again."""
    id_, back, posted = await _chosen(request)
    without_files = bool(posted["without_files"])
    outcome = "not_held"
    try:
        async with request.app[DATABASE].write() as writing:
            if await outbox.retry(writing, [id_], time.time(), without_files=without_files):
                is_left = await rerouted(writing, request.app[STRUCTURES].directory, [id_])
                outcome = "mail_retried_as_before" if is_left else "mail_retried"
                note_change(request, writing, outbox.RETRIED[without_files], str(id_))
    except outbox.NotRetried as error:
        outcome = error.reason
    return see_other(f"{back}done={outcome}")


async def post_readdress(request: web.Request) -> web.Response:
    """Send a held mail's request to the office's mailbox of today."""
    id_, back, _ = await _chosen(request)
    outcome = "mail_readdressed"
    try:
        await readdress(request.app[DATABASE], team_of(request), id_, datetime.now(UTC))
    except NotReaddressed as error:
        outcome = error.reason
    return see_other(f"{back}done={outcome}")


async def _chosen(request: web.Request) -> tuple[int, str, dict[str, str]]:
    """Return the delivery of the address, the list or request to return to, and the form."""
    posted = await read_fields(request, ("number", "without_files", *BACK))
    if posted["number"]:
        back = f"{ROOT}/richieste/{posted['number']}?"
    else:
        back = f"{PATH}?{urlencode({name: posted[name] for name in BACK})}&"
    return int(request.match_info["id"]), back, posted


def team_of(request: web.Request) -> Team:
    """Return the context of the team's forwards."""
    directory, mails = request.app[STRUCTURES].directory, request.app[SETTINGS].mails
    return Team(directory, mails, request[DESK].member.name)


def done(request: web.Request) -> str:
    """Return the sentence about what was just done, named by the address.

    Raises:
        NotFound: there is no such sentence.
    """
    name = request.query.get("done", "")
    if name and name not in TEXTS.section("desk_done"):
        raise NotFound("not_found")
    return TEXTS.section("desk_done")[name] if name else ""


async def of_left_mailboxes(
    request: web.Request, reading: AsyncSession, rows: Sequence[Row]
) -> frozenset[int]:
    """Return the stopped mails that another try would send to a mailbox their office has left."""
    held = [row.id for row in rows if row.state == DeliveryState.HELD and row.role == "office"]
    return await rerouted(reading, request.app[STRUCTURES].directory, held)


def _role(row: Row) -> str:
    return f"addition_{row.role}" if row.addition else row.role


def shown(row: Row, relay: Relay, is_left: bool) -> dict[str, Any]:
    """Return a delivery as the pages show it; `is_left` if its office has another mailbox now."""
    is_stopped = row.state in (DeliveryState.HELD, DeliveryState.FAILED)
    arrived = row.state == DeliveryState.SENT
    return {
        "id": row.id,
        "number": row.number,
        "role": TEXTS(f"delivery_role.{_role(row)}"),
        "hop": row.hop,
        "state": str(row.state),
        "state_text": TEXTS(f"delivery_state.{row.state}"),
        "office": row.office,
        "since": datetime.fromtimestamp(row.since, ROME),
        "sent": datetime.fromtimestamp(row.sent_at, ROME) if row.sent_at else None,
        "reason": "" if arrived else TEXTS(f"delivery_reason.{reason_of(row, relay)}"),
        "error": row.error,
        "attempts": row.attempts,
        "can_retry": is_stopped and row.can_be_sent_again,
        "can_drop_files": is_stopped and row.can_be_sent_again and row.attached,
        "is_left": is_left,
        "can_readdress": row.state == DeliveryState.HELD and row.role == "office",
    }


def _relay(relay: Relay) -> dict[str, Any]:
    since = relay.failing_since
    return {
        "failing_since": datetime.fromtimestamp(since, ROME) if since else None,
        "paused_until": datetime.fromtimestamp(relay.paused_until, ROME),
        "error": relay.error,
    }
