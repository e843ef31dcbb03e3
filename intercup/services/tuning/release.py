"""Changes of the desk under the files of a release that isn't installed yet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.services.answers import wordings
from intercup.services.structures import versions
from intercup.services.structures.structures_file import directory_of, document_of
from intercup.services.tuning.decisions import examples
from intercup.services.tuning.file_sentences import DATA, fate, in_files, moved

type State = Literal["conflict", "gone", "taken"]
ORDER: tuple[State, ...] = get_args(State.__value__)


@dataclass(frozen=True)
class Change:
    """A change, and what the release makes of it: its files contain, contradict or lack it."""

    name: str
    state: State
    in_file: str = ""
    at_desk: str = ""


async def changes_under(
    reading: AsyncSession, program: Path, structures_file: Path
) -> list[Change]:
    """Return the changes that the release touches, conflicts first; the others hold as before.

    Raises:
        ConfigurationError: the release's structures aren't valid.
    """
    found = [
        *await _answers(reading, program),
        *await _sentences(reading, program / DATA),
        *await _structures(reading, program / structures_file),
    ]
    return sorted(found, key=lambda change: ORDER.index(change.state))


async def _answers(reading: AsyncSession, program: Path) -> list[Change]:
    worded = await wordings.all_worded(reading, program)
    lost = [Change(row.answer, "gone") for row in await wordings.gone(reading, worded)]
    taken = [Change(each.answer.name, "taken") for each in worded if each.is_taken]
    outdated = [
        Change(each.answer.name, "conflict", each.answer.text, each.text)
        for each in worded
        if each.is_outdated
    ]
    return [*outdated, *lost, *taken]


async def _structures(reading: AsyncSession, file: Path) -> list[Change]:
    document = document_of(file)
    directory_of(document)
    fields = await versions.all_corrected(reading, document)
    lost = [Change(row.field, "gone") for row in await versions.gone(reading, fields)]
    taken = [Change(key, "taken") for key, each in fields.items() if each.is_taken]
    outdated = [
        Change(key, "conflict", versions.text_of(each.in_file), each.version.text)
        for key, each in fields.items()
        if each.is_outdated and each.version
    ]
    return [*outdated, *lost, *taken]


async def _sentences(reading: AsyncSession, data: Path) -> list[Change]:
    here = in_files(data)
    intents, of = {text: intent for intent, text in here}, fate(set(here))
    found = [
        Change(f"«{each.text}»", state)
        for each in await moved(reading, set(in_files()))
        if (state := of(each)) != "open"
    ]
    for each in await examples(reading):
        intent = intents.get(each.text) if each.purpose == "training" else None
        if intent == each.intent:
            found.append(Change(f"«{each.text}»", "taken"))
        elif intent:
            found.append(Change(f"«{each.text}»", "conflict", intent, each.intent))
    return found
