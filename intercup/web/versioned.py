"""Addresses with a hash of the content in them, whose answers a browser may keep forever."""

import hashlib

FOREVER = "public, max-age=31536000, immutable"


def version_of(content: bytes) -> str:
    """Return the hash, for the query `v`."""
    return hashlib.sha256(content).hexdigest()[:12]
