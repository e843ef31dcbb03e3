"""The login's routes on one database; tests/integration/services/login has both."""

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough here; test_spid_register.py has both."""
    return sqlite_url
