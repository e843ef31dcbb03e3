"""Logging: one line an event, with ids and classes only, never a person's text or name."""

import logging
import sys


def set_up_logging() -> None:
    """Log to standard error."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # Its access log would hold the query of every page.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
