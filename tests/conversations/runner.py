"""Run a conversation written in YAML against the whole running service; see docs/tuning.md."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.chatting_citizen import ChattingCitizen, number_in


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(_Strict):
    """What the citizen does, then what must be seen."""

    says: str | None = None
    presses: str | None = None
    logs_in: str | None = None
    opens: str | None = None
    structure: str | None = None
    sees: list[str] = []
    not_sees: list[str] = []
    input: str | None = None
    offers: list[str] = []


class Mail(_Strict):
    """The one mail that must come of it: headers, envelope and parts of the body."""

    to: list[str]
    cc: str
    subject: str
    body: list[str] = []


class ConversationTest(_Strict):
    """A conversation; `mail: null` means that no mail may leave."""

    conversation: str
    steps: Annotated[list[Step], Field(min_length=1)]
    mail: Mail | None = None


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
        for entry in yaml.safe_load(file.read_text("utf-8"))
    ]


async def run_conversation(url: str, test: ConversationTest) -> None:
    """Run it.

    Raises:
        AssertionError: with the step, what was expected and the whole transcript.
    """
    transcript: list[str] = []
    async with ChattingCitizen(url) as citizen:
        for position, step in enumerate(test.steps, 1):
            await _act(citizen, step, transcript)
            problems = _problems(citizen, step)
            assert not problems, _report(test, position, problems, transcript)
        await _check_mail(citizen, test, transcript)


async def _act(citizen: ChattingCitizen, step: Step, transcript: list[str]) -> None:
    if step.logs_in:
        await citizen.log_in(step.logs_in)
        transcript.append(f"   [accede come {step.logs_in}]")
    if step.opens:
        await citizen.open(step.opens, step.structure)
        transcript.append(f"   [apre la pagina {step.opens}]")
    if step.says:
        transcript.append(f"Tu: {step.says}")
        await citizen.say(step.says)
    if step.presses:
        transcript.append(f"Tu: [{step.presses}]")
        await citizen.press(step.presses)
    transcript += [f"Assistente: {message['text']}" for message in citizen.messages]


def _problems(citizen: ChattingCitizen, step: Step) -> list[str]:
    shown = f"{citizen.text}\n{_shown_in(citizen.input)}"
    missing = [text for text in step.sees if text not in shown]
    problems = [f"manca: «{text}»{_closest(text, shown)}" for text in missing]
    problems += [f"non doveva esserci: «{text}»" for text in step.not_sees if text in shown]
    kind = citizen.input.get("type")
    label = citizen.input.get("label")
    if step.input and step.input not in (kind, label):
        problems.append(f"passo atteso: {step.input}, trovato: {kind} ({label})")
    problems += [f"bottone mancante: «{t}»" for t in step.offers if t not in citizen.offers]
    return problems


def _shown_in(part: Any) -> str:
    if isinstance(part, dict):
        return "\n".join(_shown_in(value) for value in part.values())
    if isinstance(part, list):
        return "\n".join(_shown_in(value) for value in part)
    return str(part)


def _closest(text: str, shown: str) -> str:
    lines = [line for line in shown.splitlines() if line]
    best = max(lines, key=lambda line: SequenceMatcher(None, text, line).ratio(), default="")
    return f"\n      più simile: «{best}»" if best else ""


async def _check_mail(
    citizen: ChattingCitizen, test: ConversationTest, transcript: list[str]
) -> None:
    said = "\n".join(transcript)
    if test.mail is None:
        assert "registrata con il numero" not in said, _report(
            test, len(test.steps), ["nessuna richiesta doveva partire"], transcript
        )
        return
    number = number_in(said)
    wanted = sorted([*test.mail.to, test.mail.cc])
    mails = await citizen.mails_about(number, len(wanted))
    recipients = sorted(recipient for mail in mails for recipient in mail["rcpt"])
    problems = []
    if recipients != wanted:
        problems.append(f"destinatari attesi {wanted}, trovati {recipients}")
    for mail in mails:
        for name, value in (
            ("to", ", ".join(test.mail.to)),
            ("cc", test.mail.cc),
            ("subject", test.mail.subject.format(number=number)),
        ):
            if mail[name] != value:
                problems.append(f"{name} atteso «{value}», trovato «{mail[name]}»")
        problems += [
            f"nel testo manca «{part}»{_closest(part, mail['body'])}"
            for part in test.mail.body
            if part.format(number=number) not in mail["body"]
        ]
    assert not problems, _report(test, len(test.steps), problems, transcript)


def _report(
    test: ConversationTest, position: int, problems: list[str], transcript: list[str]
) -> str:
    listed = "\n".join(f"  - {problem}" for problem in problems)
    return f"\n«{test.conversation}», passo {position}:\n{listed}\n\n" + "\n".join(transcript)
