"""The format of the conversations; docs/tuning.md explains it to their authors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

ACTIONS = ("says", "presses", "logs_in", "logs_out", "opens", "types_code_sent_to")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(_Strict):
    """An act of the citizen, then the expected answers."""

    says: str | None = None
    presses: str | None = None
    logs_in: str | None = None
    logs_out: bool = False
    opens: str | None = None
    structure: str | None = None
    types_code_sent_to: str | None = None

    sees: list[str] = []
    not_sees: list[str] = []
    input: str | None = None
    offers: list[str] = []
    not_offers: list[str] = []
    links: list[str] = []

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any(getattr(self, action) for action in ACTIONS):
            raise ValueError(f"un passo deve fare una di queste cose: {', '.join(ACTIONS)}")
        return self


class Mail(_Strict):
    """An expected mail: headers, envelope and parts of the body."""

    to: list[str]
    cc: str
    subject: str
    body: list[str] = []


class ConversationTest(_Strict):
    """A conversation; without `mail` and `mails` it must send no request."""

    conversation: str
    steps: Annotated[list[Step], Field(min_length=1)]
    mail: Mail | None = None
    mails: list[Mail] = []

    @property
    def expected(self) -> list[Mail]:
        """The mails, in the order of the requests."""
        return [self.mail, *self.mails] if self.mail else self.mails


@dataclass(frozen=True)
class LoadedConversation:
    """A conversation and the file it is in."""

    file: Path
    test: ConversationTest

    @property
    def id(self) -> str:
        return f"{self.file.stem}: {self.test.conversation}"


def load_conversations(folder: Path) -> list[LoadedConversation]:
    """Read every conversation of every file."""
    return [
        LoadedConversation(file, ConversationTest.model_validate(entry))
        for file in sorted(folder.glob("*.yml"))
        for entry in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    ]
