"""The seal on the SPID register: what a login's two messages look like at rest."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from intercup.errors import ConfigurationError


@dataclass(frozen=True)
class Exchange:
    """A login's request and the provider's answer, as XML, and what came of it."""

    request_id: str
    request: str
    response: str
    outcome: str  # "accepted" or the key of the refusal


class BrokenSeal(Exception):
    """An entry that was altered, or sealed with a key that isn't there."""


class RegisterSeal:
    """Encrypts and authenticates; the first key seals, all of them open."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, exchange: Exchange) -> bytes:
        """Return what is stored; the id is inside too, so that entries can't change places."""
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
    """Put a new key before the others, in a file that only its owner can read."""
    keys = read_keys(file) if file.exists() else []
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text("\n".join([Fernet.generate_key().decode(), *keys, ""]), "ascii")
    unfinished.replace(file)
