"""The level of assurance that a login asks for and checks, for SPID and CIE."""

LEVEL = 2  # of 1 to 3
_PREFIX = "https://www.spid.gov.it/SpidL"
_LEVELS = {f"{_PREFIX}{level}": level for level in (1, 2, 3)}
LEVEL_URI = f"{_PREFIX}{LEVEL}"


def is_enough(uri: str) -> bool:
    """Return True if an answer's level is the one asked for or a higher one."""
    return _LEVELS.get(uri, 0) >= LEVEL
