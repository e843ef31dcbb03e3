"""Messages about a request's delivery: complete delivery to the office, or the first refusal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Conversation, Delivery, Forward, Request
from intercup.domain.delivery import REPORTED, DeliveryState, overall_state
from intercup.services.chat.conversations import add_event
from intercup.services.delivery.outbox import Claimed

# Built once, as they run for every few mails.
_REQUESTS, _ROWS = cast(Table, Request.__table__), cast(Table, Delivery.__table__)
_CONVERSATIONS, _FORWARDS = cast(Table, Conversation.__table__), cast(Table, Forward.__table__)
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_CONVERSATIONS_OF = (
    select(_REQUESTS.c.number, _REQUESTS.c.conversation_id, _REQUESTS.c.office_name)
    .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _REQUESTS.c.conversation_id)
    .where(_REQUESTS.c.number.in_(_NUMBERS))
)
_STATES = select(
    _ROWS.c.request_number, _ROWS.c.hop, _ROWS.c.addition, _ROWS.c.role, _ROWS.c.state
).where(_ROWS.c.request_number.in_(_NUMBERS))
_FORWARDED = select(_FORWARDS.c.request_number, _FORWARDS.c.hop, _FORWARDS.c.to_office).where(
    _FORWARDS.c.request_number.in_(_NUMBERS)
)


async def tell_the_conversations(
    session: AsyncSession, ended: Sequence[Claimed | Delivery], states: Mapping[int, DeliveryState]
) -> None:
    """Add a message to the conversation of each request with news on office's mail or copy.

    `ended` are deliveries recorded in this transaction, `states` their new states by id.
    """
    numbers = {d.request_number for d in ended if states.get(d.id) in REPORTED and d.request_number}
    if not numbers:
        return
    conversations = await session.execute(_CONVERSATIONS_OF, {"numbers": list(numbers)})
    conversation_of = {row.number: row for row in conversations}
    if not conversation_of:
        return
    found = await session.execute(_STATES, {"numbers": list(conversation_of)})
    all_states: dict[tuple[str, int, int, str], list[DeliveryState]] = {}
    for number, hop, addition, role, state in found:
        all_states.setdefault((number or "", hop, addition, role), []).append(state)
    just_now = Counter(
        (d.request_number or "", d.hop, d.addition, d.role, states.get(d.id)) for d in ended
    )
    offices = await _offices(session, ended, list(conversation_of))
    for (number, hop, addition, role, state), times in just_now.items():
        if number not in conversation_of or state not in REPORTED:
            continue
        of_mail = all_states[number, hop, addition, role]
        end = overall_state(of_mail)
        is_first_refusal = of_mail.count(state) == times
        is_news = end == DeliveryState.SENT if state == DeliveryState.SENT else is_first_refusal
        if is_news and (role == "office" or (role, end) == ("copy", DeliveryState.HELD)):
            kind = "addition" if addition else "delivery"
            event = {"kind": kind, "role": role, "state": end, "number": number}
            conversation = conversation_of[number]
            office = offices.get((number, hop), conversation.office_name)
            await add_event(session, conversation.conversation_id, event, office)


async def _offices(
    session: AsyncSession, ended: Iterable[Claimed | Delivery], numbers: list[str]
) -> dict[tuple[str, int], str]:
    """Return the offices that requests were forwarded to, by number and hop."""
    if not any(d.hop for d in ended):
        return {}
    found = await session.execute(_FORWARDED, {"numbers": numbers})
    return {(row.request_number, row.hop): row.to_office for row in found}
