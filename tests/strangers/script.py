"""The format of a stranger's conversation: who writes, the right office, and the answers."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Right(_Strict):
    """The right end: category `none` is no mail; `also` are other categories just as fair."""

    category: Literal["technical", "information", "platform", "none"]
    structure: str | None = None
    emergency: bool = False
    also: list[str] = []


class Twist(_Strict):
    """Words said at a step before its answer."""

    at: str
    says: str
    means: str = ""


class Script(_Strict):
    """A conversation; `if_asked` holds an answer for each question."""

    who: str
    before_login: bool
    right: Right
    opening: str
    if_asked: dict[str, str]
    twist: Twist | None = None


def load_scripts(file: Path) -> list[Script]:
    """Read the conversations of a file."""
    return [Script.model_validate(each) for each in yaml.safe_load(file.read_text("utf-8"))]
