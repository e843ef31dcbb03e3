"""Mark a request's state by the link in an office's mail."""

from datetime import datetime

from intercup.db.engine import Database
from intercup.db.tables import OfficeMark
from intercup.domain.office_state import OfficeState
from intercup.errors import NotForwardable
from intercup.services.chat.conversations import add_event
from intercup.services.requests.forward import count_use, lock_linked


async def mark_state(database: Database, token: str, state: OfficeState, now: datetime) -> None:
    """Store the state and tell the citizen's conversation; the same state again does neither.

    Raises:
        NotFound, Gone: the link can't be used.
        TooMany: the link was used too often.
        NotForwardable: the office has forwarded the request, so its state is another's.
    """
    await count_use(database, "mark", token, now)
    async with database.write() as session:
        link, request, linked = await lock_linked(session, token, now)
        if linked.forwarded:
            raise NotForwardable("not_forwardable")
        row = await session.get(OfficeMark, (link.request_number, link.hop))
        if row is None:
            row = OfficeMark(request_number=link.request_number, hop=link.hop)
            session.add(row)
        elif row.state == state:
            return
        row.state, row.marked_at = state, now.timestamp()
        if request.conversation_id:
            event = {"kind": "mark", "role": "office", "state": state, "number": request.number}
            await add_event(session, request.conversation_id, event, linked.office_name)
