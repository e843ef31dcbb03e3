"""Run a conversation written in YAML against the whole running service; see docs/tuning.md."""

import re
from difflib import SequenceMatcher
from typing import Any

from intercup.mail.catcher import CaughtMail
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.conversations.format import ConversationTest, Mail, Step

NUMBER = re.compile(
    r"\b(IC(?:-[0-9A-Z]{4}){3})\b(?!:)"
)  # a list of requests has a colon after each


async def run_conversation(url: str, test: ConversationTest) -> list[str]:
    """Run it and return what the assistant said.

    Raises:
        AssertionError: with the step, what was expected and the whole transcript.
    """
    transcript: list[str] = []
    heard: list[str] = []
    async with ChattingCitizen(url) as citizen:
        for position, step in enumerate(test.steps, 1):
            try:
                await _act(citizen, step, transcript)
            except AssertionError as error:
                raise AssertionError(_report(test, position, [str(error)], transcript)) from error
            heard += [message["text"] for message in citizen.messages]
            problems = _problems(citizen, step)
            assert not problems, _report(test, position, problems, transcript)
        problems = await _problems_with_mails(citizen, test.expected, "\n".join(transcript))
        assert not problems, _report(test, len(test.steps), problems, transcript)
    return heard


async def _act(citizen: ChattingCitizen, step: Step, transcript: list[str]) -> None:
    if step.logs_out:
        await citizen.log_out()
        transcript.append("   [esce]")
    if step.logs_in:
        await citizen.log_in(step.logs_in)
        transcript.append(f"   [accede come {step.logs_in}]")
    if step.opens:
        await citizen.open(step.opens, step.structure)
        transcript.append(f"   [apre la pagina {step.opens}]")
    said = step.says
    if step.types_code_sent_to:
        said = await citizen.code_sent_to(step.types_code_sent_to)
    if said is not None:
        transcript.append(f"Tu: {said}")
        await citizen.say(said)
    if step.presses:
        transcript.append(f"Tu: [{step.presses}]")
        await citizen.press(step.presses)
    transcript += [_as_line(message) for message in citizen.messages]


def _as_line(message: dict[str, Any]) -> str:
    who = "Assistente" if message["from"] == "bot" else "Tu"
    titles = [*(b["title"] for b in message["buttons"]), *(a["title"] for a in message["links"])]
    kind = (message.get("input") or {}).get("type")
    shown = [f"[{title}]" for title in titles] + ([f"<{kind}>"] if kind else [])
    return f"{who}: {message['text']}" + ("\n      " + " ".join(shown) if shown else "")


def _problems(citizen: ChattingCitizen, step: Step) -> list[str]:
    shown = f"{citizen.text}\n{_shown_in(citizen.input)}"
    missing = [text for text in step.sees if text not in shown]
    problems = [f"manca: «{text}»{_closest(text, shown)}" for text in missing]
    problems += [f"non doveva esserci: «{text}»" for text in step.not_sees if text in shown]
    kind = citizen.input.get("type")
    label = citizen.input.get("label")
    if step.input and step.input not in (kind, label):
        problems.append(f"passo atteso: {step.input}, trovato: {kind} ({label})")
    problems += [f"pulsante mancante: «{t}»" for t in step.offers if t not in citizen.offers]
    problems += [f"pulsante di troppo: «{t}»" for t in step.not_offers if t in citizen.offers]
    problems += [f"collegamento mancante: «{t}»" for t in step.links if t not in citizen.links]
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


async def _problems_with_mails(
    citizen: ChattingCitizen, expected: list[Mail], said: str
) -> list[str]:
    numbers = list(dict.fromkeys(NUMBER.findall(said)))
    if len(numbers) != len(expected):
        return [f"richieste attese: {len(expected)}, registrate: {len(numbers)}"]
    problems = []
    for number, mail in zip(numbers, expected, strict=True):
        problems += await _problems_with_mail(citizen, mail, number)
    return problems


async def _problems_with_mail(citizen: ChattingCitizen, mail: Mail, number: str) -> list[str]:
    wanted = sorted([*mail.to, mail.cc])
    found = await citizen.mails_about(number, len(wanted))
    recipients = sorted(recipient for each in found for recipient in each["rcpt"])
    problems = []
    if recipients != wanted:
        problems.append(f"destinatari attesi {wanted}, trovati {recipients}")
    for each in found:
        for name, value in (
            ("to", ", ".join(mail.to)),
            ("cc", mail.cc),
            ("subject", mail.subject.format(number=number)),
        ):
            found_value = _without_structure(each) if name == "subject" else each[name]
            if found_value != value:
                problems.append(f"{name} atteso «{value}», trovato «{found_value}»")
        problems += [
            f"nell'e-mail manca «{part}»{_closest(part, each['body'])}"
            for part in mail.body
            if part.format(number=number) not in each["body"]
        ]
    return list(dict.fromkeys(problems))


def _without_structure(mail: CaughtMail) -> str:
    """Return the subject without the structure, which the body contains too."""
    structure = re.search(r"^(?:> )?Struttura: ([^\r\n]*)", mail["body"], re.MULTILINE)
    return mail["subject"].replace(f" - {structure[1]} - " if structure else " - - ", " - ")


def _report(
    test: ConversationTest, position: int, problems: list[str], transcript: list[str]
) -> str:
    listed = "\n".join(f"  - {problem}" for problem in problems)
    return f"\n«{test.conversation}», passo {position}:\n{listed}\n\n" + "\n".join(transcript)
