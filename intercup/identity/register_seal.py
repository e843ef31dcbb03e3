"""The seal on the SPID register: encryption of a login's two messages at rest."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from intercup.errors import ConfigurationError


@dataclass(frozen=True)
class Exchange:
    """A login's request and the provider's answer, as XML, with the outcome."""

    request_id: str
    request: str
    response: str
    outcome: str  # "accepted" or the key of the refusal


class BrokenSeal(Exception):
    """An altered entry, or one whose key is missing."""


class RegisterSeal:
    """Authenticated encryption; the first key seals, all keys open."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, exchange: Exchange) -> bytes:
        """Return the sealed exchange, with its id inside, so that entries can't be swapped."""
        plain = json.dumps(asdict(exchange), ensure_ascii=False).encode()
        return self._fernet.encrypt(zlib.compress(plain))

    def open(self, request_id: str, sealed: bytes) -> Exchange:
        """Return a stored exchange.

        Raises:
            BrokenSeal: it was altered, moved from another entry, or its key is missing.
        """
        try:
            values = json.loads(zlib.decompress(self._fernet.decrypt(sealed)))
        except InvalidToken:
            raise BrokenSeal(request_id) from None
        exchange = Exchange(**values)
        if exchange.request_id != request_id:
            raise BrokenSeal(request_id)
        return exchange


def read_keys(file: Path) -> list[str]:
    """Read the keys, one a line, the newest first.

    Raises:
        ConfigurationError: the file can't be read, or a line is no key.
    """
    try:
        keys = file.read_text("ascii").split()
        RegisterSeal(keys)
    except (OSError, ValueError) as error:
        reason = "manca" if isinstance(error, FileNotFoundError) else "non contiene chiavi valide"
        raise ConfigurationError([f"INTERCUP_SPID_REGISTER_KEY_FILE: {file} {reason}"]) from None
    return keys


def add_key(file: Path) -> None:
    """Insert a new key before the others, in a file readable by its owner only."""
    keys = read_keys(file) if file.exists() else []
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text("\n".join([Fernet.generate_key().decode(), *keys, ""]), "ascii")
    unfinished.replace(file)
