"""The log of the desk: entries are added, and nothing changes them."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intercup.db.engine import Database
from intercup.errors import Unavailable
from intercup.services.staff.log import events, note

pytestmark = pytest.mark.both_databases


async def test_an_entry_can_not_be_changed(database: Database) -> None:
    async with database.write() as writing:
        note(writing, "Rosa", "log_in", 1.0)
    with pytest.raises((DBAPIError, Unavailable)):
        async with database.write() as writing:
            await writing.execute(text("UPDATE desk_log SET who = 'Pina'"))
    async with database.read() as reading:
        assert [event.who for event in await events(reading)] == ["Rosa"]
