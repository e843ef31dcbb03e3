"""The technical team's members and their roles at the desk."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A part of the desk's work; a member has at least one."""

    DELIVERIES = "deliveries"  # mails that wait, forwards, links
    DIALOGUE = "dialogue"  # sentences, answers, structures, notices; models: train and try
    RELEASE = "release"  # models: train, publish, go back; mailboxes: confirm
    STAFF = "staff"  # the log of the desk


@dataclass(frozen=True)
class Member:
    """A member of the team; the name is unique and stands in the log."""

    name: str
    roles: frozenset[Role]
