"""Errors that reach a person, each with a key whose text is in texts.yaml.

ServiceError
├── InvalidInput        400/422  unreadable or incomplete input
├── Incomplete          422      a form with a problem in at least one field
├── AddressMissing      422      the login gave no e-mail address; one has to be proved
├── NotAuthenticated    401      the session is missing or has expired
├── NotAllowed          403      not yours, or from another site
├── NotFound            404
├── StaleChoice         409      a button of an earlier question
├── NotForwardable      409      a request already at another office
├── Gone                410      a link that was revoked or is too old
├── TooLarge            413
├── Compressed          415      a compressed body
├── TooMany             429      a limit is reached; with the seconds to wait
└── Unavailable         503      database or disk; nothing was registered
"""


class ServiceError(Exception):
    """A failure with a key, an HTTP status and, where it helps, seconds to wait."""

    status = 500

    def __init__(self, key: str, *, retry_after: int | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.retry_after = retry_after


class InvalidInput(ServiceError):
    """Input that can't be read or is not complete."""

    status = 422


class Incomplete(ServiceError):
    """A form that can't be accepted; `problems` maps each field to the key of its text."""

    status = 422

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("request_incomplete")
        self.problems = problems


class AddressMissing(ServiceError):
    """The citizen is known, but no address for the copy."""

    status = 422


class NotAuthenticated(ServiceError):
    """No session, or an expired one."""

    status = 401


class NotAllowed(ServiceError):
    """Somebody else's, or from another site."""

    status = 403


class NotFound(ServiceError):
    """No such page or thing."""

    status = 404


class StaleChoice(ServiceError):
    """A button that the last reply didn't offer."""

    status = 409


class NotForwardable(ServiceError):
    """A request that this office has already forwarded, or that was forwarded too often."""

    status = 409


class Gone(ServiceError):
    """A link that no longer works."""

    status = 410


class TooLarge(ServiceError):
    """A body beyond its limit."""

    status = 413


class Compressed(ServiceError):
    """A compressed body; no route needs one."""

    status = 415


class TooMany(ServiceError):
    """A limit is reached; nothing was done."""

    status = 429


class Unavailable(ServiceError):
    """The database or the disk doesn't answer, or too many ask; nothing was registered."""

    status = 503


class ConfigurationError(Exception):
    """All problems of a configuration, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
