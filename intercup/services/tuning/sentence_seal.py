"""Encryption of sentences and files at rest, with keys derived from the service's own."""

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NO_TIME = 0  # a sealed sentence tells no hour


class SentenceSeal:
    """Authenticated encryption of texts and bytes; each purpose has its own key."""

    def __init__(self, secret_key: bytes, purpose: bytes = b"intercup sentences") -> None:
        key = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(secret_key)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """Return the sealed text."""
        return self.seal_bytes(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text of a seal."""
        return self.open_bytes(sealed.encode()).decode()

    def seal_bytes(self, plain: bytes) -> bytes:
        """Return sealed bytes."""
        return self._fernet.encrypt_at_time(plain, NO_TIME)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return the bytes of a seal.

        Raises:
            cryptography.fernet.InvalidToken: they were altered, or sealed with another key.
        """
        return self._fernet.decrypt(sealed)
