"""The relay's address, as the setting `smtp_url` gives it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
# Without the URL itself, which may contain a password.
UNREADABLE = (
    "non è un indirizzo leggibile; nell'utente e nella password i caratteri speciali si"
    " scrivono con % e due cifre (# è %23, / è %2F, ? è %3F, % è %25, @ è %40, : è %3A)"
)


@dataclass(frozen=True)
class SmtpAddress:
    """The relay's address, and our EHLO name. Scheme smtp means no TLS."""

    scheme: str
    host: str
    port: int
    username: str | None
    password: str | None
    ehlo_name: str | None  # None: the machine's own

    @classmethod
    def parse(cls, url: str, ehlo_name: str | None = None) -> Self:
        """Read `scheme://user:password@host:port`.

        Raises:
            ValueError: it isn't such a URL; the message doesn't quote it.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError(UNREADABLE) from None
        # An unescaped character in the password ends the host early.
        rest = parts.path.strip("/") or "#" in url or "?" in url
        if parts.scheme not in DEFAULT_PORTS or not host or rest:
            raise ValueError(UNREADABLE)
        return cls(
            parts.scheme,
            host,
            port or DEFAULT_PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            ehlo_name,
        )
