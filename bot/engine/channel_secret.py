"""The secret that the gateway, Rasa and its actions share."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

VARIABLE = "INTERCUP_RASA_SECRET"


def is_secret_given() -> bool:
    """Return True if the environment names a secret, as `intercup run` does."""
    return any(os.environ.get(name) for name in (VARIABLE, f"{VARIABLE}_FILE"))


@lru_cache(maxsize=None)
def authorization() -> str:
    """Return the Authorization header shared by gateway, Rasa and actions."""
    secret = os.environ.get(VARIABLE)
    if path := os.environ.get(f"{VARIABLE}_FILE"):
        given, secret = secret, Path(path).read_text("utf-8").strip()
        if given not in (None, secret):
            raise RuntimeError(f"{VARIABLE} differs from the content of {path}")
    if not secret:
        raise RuntimeError(f"{VARIABLE} is missing")
    return f"Bearer {secret}"
