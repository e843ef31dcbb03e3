"""A place for real processes, with a mail server; and the table that `make faults` writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intercup.db.engine import Database
from tests.faults.processes import Place
from tests.integration.conftest import (  # noqa: F401 (fixtures)
    database,
    database_url,
    mail_catcher,
    postgres,
    postgres_url,
    sqlite_url,
)
from tests.integration.smtp_servers import MailCatcher


@pytest.fixture
def place(tmp_path: Path, mail_catcher: MailCatcher) -> Place:  # noqa: F811
    return Place(tmp_path, mail_catcher.port)


@pytest.fixture
async def sqlite(place: Place) -> AsyncIterator[Database]:
    """The database of the place, as the tests look into it."""
    found = Database(place.database_url)
    await found.migrate()
    yield found
    await found.close()
