"""Logging: one line an event, with ids and classes only, never a person's text or name."""

import logging
import sys

# Their usual lines hold queries, addresses or nothing of use.
TALKATIVE = ("aiohttp.access", "mail.log", "alembic", "sanic", "rasa_sdk")


def set_up_logging() -> None:
    """Log to standard error."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
