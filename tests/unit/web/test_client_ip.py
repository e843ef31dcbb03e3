"""The IP address that counts for limits: behind our proxies, the one they have seen."""

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Application

from intercup.settings import Settings
from intercup.web.app_keys import SETTINGS
from intercup.web.client_ip import address_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, None, ""),
        (0, "203.0.113.9", ""),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "said by the client, 203.0.113.9", "203.0.113.9"),
        (2, "said by the client, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", ""),
        (1, None, ""),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:50123", "203.0.113.9"),
        (1, "[2001:db8:1:2:3:4:5:6]:50123", "2001:db8:1:2::"),
        (1, "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
        (1, "198.51.100.7\n203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 198.51.100.8\n203.0.113.9:1", "203.0.113.9"),
        (2, "198.51.100.7\n203.0.113.9\n10.0.0.1", "203.0.113.9"),
    ],
)
def test_only_what_our_proxies_have_seen_counts(
    proxies: int, forwarded: str | None, found: str
) -> None:
    """`forwarded` holds the header's lines."""
    app = Application()
    app[SETTINGS] = Settings(http_proxies=proxies)
    lines = forwarded.split("\n") if forwarded else []
    headers = [("X-Forwarded-For", line) for line in lines]
    request = make_mocked_request("GET", "/", headers=headers, app=app)
    assert address_of(request) == found
