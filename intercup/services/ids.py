"""Unguessable ids, and their hashes for the database."""

import hashlib
import hmac
import secrets

ID_BYTES = 32
SHORT_LENGTH = 8  # characters


def new_id() -> str:
    """Make an id that can't be guessed (256 bits, URL-safe), and no command takes for an option."""
    while (id_ := secrets.token_urlsafe(ID_BYTES)).startswith("-"):
        pass
    return id_


def hash_of(id_: str) -> str:
    """Return the stored hash of an id."""
    return hashlib.sha256(id_.encode(errors="surrogatepass")).hexdigest()


def person_key(secret_key: bytes, fiscal_number: str) -> str:
    """Derive the stable key of a person; the fiscal number can't be read back from it."""
    return hmac.new(secret_key, f"person:{fiscal_number}".encode(), hashlib.sha256).hexdigest()


def short(id_: str) -> str:
    """Return an id's beginning, enough to know it again on a page."""
    return id_[:SHORT_LENGTH]
