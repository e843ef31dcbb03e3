"""Play a stranger's conversation: words first, a button only after words have failed.

A question is known by its words in any of the chat's languages, an answer's button by its payload.
The words in a script are from before its twist: asked after it which of two offices or structures
is meant, the citizen presses the right one.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from intercup.domain.directory import Directory
from intercup.languages.catalogues import catalogue, languages
from intercup.services.chat import payloads
from intercup.texts import TEXTS
from tests.strangers.script import Script
from tests.support.chatting_citizen import ChattingCitizen

TURNS_MAX = 30
CITIZEN = "Agata Lo Presti"
ADDRESS = "persona{number}@example.it"
NOT_EMERGENCY = "/not_emergency"
VALUE = re.compile(r"\{\w*\}|%\(\w+\)s|\n")  # between the words of a sentence
WHO_ANSWERS = "guardi qui sotto chi risponde"
ASKED = (WHO_ANSWERS, "Attenzione: il testo sembra", "Attenzione: nel testo")
# A question's words, and its step; the newest one counts.
QUESTIONS = {
    "Che tipo di richiesta è?": "kind",
    "A quale ufficio deve arrivare": "office",
    "Ho bisogno di capire meglio": "kind",
    "Per quale struttura?": "structure",
    TEXTS("chat.this_structure"): "proposal",
    TEXTS("chat.these_structures"): "proposal",
    "Scriva che cosa è successo": "description",
    "Quello che ha scritto è il testo da inviare": "check",
    "A quale indirizzo e-mail": "email",
    "Scriva qui sotto il codice di 6 cifre": "code",
    "Senza questo consenso, però, la richiesta": "refusal",
    "serve il suo permesso": "privacy",
    "Serve un'ultima conferma": "regulation",
    "Ecco la richiesta": "summary",
    "Vuole davvero annullare": "cancel",
    "Che cosa vuole cambiare?": "edit",
    "nessuno legge i messaggi in tempo reale": "alarm",
    "vuole che invii io un messaggio": "access",
    "serve l'accesso con SPID": "login",
}
OFFICE = TEXTS("summary.office")
CORRECTION = "con la sua correzione in fondo"  # above the question for the description
UNCLEAR = "scriva solo «sì»"
MADE_FOR_BUTTONS = (
    "correction",
    "proposal",
    "office",
    "check",
    "cancel",
    "edit",
    "access",
    "refusal",
)
ANSWERED_YES = (
    "refusal",
    "check",
    "correction",
    "privacy",
    "regulation",
    "summary",
    "access",
)


@cache
def in_each_language(italian: str) -> tuple[str, ...]:
    """Return the words that tell a sentence apart, in each language: its longest piece."""
    found = {italian}
    for language in languages():
        for (_, sentence), translation in catalogue(language).items():
            if italian in sentence and isinstance(translation, str):
                found.add(max(VALUE.split(translation), key=len).strip())
    return tuple(found)


@dataclass
class Played:
    """The course and the end of a conversation."""

    script: Script
    transcript: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    buttons_after_words: int = 0
    asked_for_a_plain_yes: int = 0  # after a yes in own words
    asked: bool = False
    beside: str = ""  # the sentence of the newest summary on other offices than the chosen one
    alarmed: bool = False
    error: str = ""

    def verdict(self, directory: Directory) -> str:
        """Return `right`, `wrong office`, `no mail`, or `mail though none was wanted`."""
        right = self.script.right
        if right.emergency and self.alarmed and not self.recipients:
            return "right"  # 112 has stopped it
        if right.category == "none":
            return "mail though none was wanted" if self.recipients else "right"
        if not self.recipients:
            return "no mail"
        offices = [self._mailboxes(each, directory) for each in (right.category, *right.also)]
        return "right" if set(self.recipients) in offices else "wrong office"

    def is_named(self, directory: Directory) -> bool:
        """Return True if the summary has named the right office beside another one."""
        right = self.script.right
        if right.category == "none":
            return False
        return directory.office_for(right.category, right.structure).name in self.beside

    def _mailboxes(self, category: str, directory: Directory) -> set[str]:
        is_logged_in = not self.script.before_login or "· entra" in self.transcript
        if category == "platform" and not is_logged_in:
            return {directory.home_mailbox}
        return set(directory.office_for(category, self.script.right.structure).addresses)


class Player:
    """One citizen at the running service."""

    def __init__(self, citizen: ChattingCitizen, script: Script, number: int, directory: Directory):
        self.citizen, self.directory = citizen, directory
        self.played = Played(script)
        self.address = ADDRESS.format(number=number)
        self.seen: dict[str, int] = {}
        self.twisted = script.twist is None

    async def play(self) -> Played:
        """Play to the request's number, to the end of the script, or to TURNS_MAX."""
        script = self.played.script
        if not script.before_login:
            await self.citizen.log_in(CITIZEN)
        await self.citizen.open("home" if script.before_login else "portal")
        await self._say(script.opening)
        for _ in range(TURNS_MAX):
            if number := self._number():
                mails = await self.citizen.mails_about(number, 2)
                mine = {self.address, "agata.lopresti@example.it"}
                self.played.recipients = sorted({to for m in mails for to in m["rcpt"]} - mine)
                return self.played
            if not await self._turn():
                return self.played
        self.played.error = "too many turns"
        return self.played

    def _number(self) -> str | None:
        """Return the number of the request that was sent just now."""
        inputs = [message.get("input") or {} for message in self.citizen.messages]
        return next((each["number"] for each in inputs if each.get("type") == "receipt"), None)

    def _step(self) -> str | None:
        if self._hears(CORRECTION):
            return "correction"
        text = self.citizen.text
        places = [
            (text.rfind(words), step)
            for italian, step in QUESTIONS.items()
            for words in in_each_language(italian)
        ]
        place, step = max(places)
        return step if place >= 0 else None

    def _hears(self, italian: str) -> bool:
        return any(words in self.citizen.text for words in in_each_language(italian))

    async def _turn(self) -> bool:
        step, script = self._step(), self.played.script
        self.played.alarmed |= step == "alarm"
        self.played.asked |= any(map(self._hears, ASKED))
        if step == "alarm" and (script.right.emergency or self.seen.get("alarm")):
            return False
        self.seen[step or "-"] = times = self.seen.get(step or "-", 0) + 1
        # A twist whose step never comes is said at the last one.
        if script.twist and not self.twisted and step in (script.twist.at, "summary"):
            self.twisted, self.seen[step or "-"] = True, times - 1
            await self._say(script.twist.says)
            return True
        if step == "login":
            await self.citizen.log_in(CITIZEN)
            self.played.transcript.append("· entra")
            await self.citizen.open("portal")
            self._note_answer()
            return True
        if step == "code":
            await self._say(await self.citizen.code_sent_to(self.address))
            return True
        if step == "email":
            await self._say(self._email())
            return True
        is_office = step == "kind" and self._hears(WHO_ANSWERS)
        if script.twist and self.twisted and (is_office or step == "proposal"):
            # The words in the script are from before the twist.
            return await self._press("office" if is_office else step)
        answer = self._words(step, times) or self._plain_yes(step)
        if answer:
            await self._say(answer)
            return True
        return await self._press(step)

    def _email(self) -> str:
        said = self.played.script.if_asked.get("email", "")
        return re.sub(r"\S+@\S+\w", self.address, said) if "@" in said else self.address

    def _words(self, step: str | None, times: int) -> str | None:
        """Return this person's words, once for each question; a second time the other words."""
        answers = self.played.script.if_asked
        if step is None:
            said = [answers[name] for name in ("again", "kind") if name in answers]
            return said[times - 1] if times <= len(said) else None
        key = {"access": "login", "proposal": "structure"}.get(step, step)
        if step == "proposal" and self.seen.get("structure"):
            return None
        if key not in answers or times > 2:
            return None
        return answers[key] if times == 1 else answers.get("again") if step == "kind" else None

    def _plain_yes(self, step: str | None) -> str | None:
        """Return the word that the chat asks for instead of the button, once for each step."""
        if step not in ("privacy", "regulation", "summary") or not self._hears(UNCLEAR):
            return None
        if self.seen.get(f"yes at {step}"):
            return None
        self.seen[f"yes at {step}"] = 1
        self.played.asked_for_a_plain_yes += 1
        return "sì"

    async def _press(self, step: str | None) -> bool:
        right = self.played.script.right
        if right.category == "none":
            return False
        if step not in MADE_FOR_BUTTONS:
            self.played.buttons_after_words += 1
        wanted = self._payload(step)
        title = next((t for t, payload in self.citizen.offers.items() if payload == wanted), None)
        if title is None:
            self.played.error = f"no way on at {step}: {sorted(self.citizen.offers)[:6]}"
            return False
        self.played.transcript.append(f"· preme «{title}»")
        await self.citizen.press(title)
        self._note_answer()
        return True

    def _payload(self, step: str | None) -> str | None:
        """Return the payload of the button that leads to the right end."""
        right = self.played.script.right
        if step in ANSWERED_YES:
            return payloads.YES
        if step in ("cancel", "edit"):
            return payloads.NO
        if step == "alarm":
            return NOT_EMERGENCY
        if step in (None, "kind", "office"):
            return payloads.choose(self.directory.category_by_id[right.category])
        if step in ("structure", "proposal"):
            found = self.directory.structure_by_id.get(right.structure or "")
            return payloads.name_structure(found.id) if found else payloads.NO_STRUCTURE
        if step == "description" and "input" in self.citizen.messages[-1]:
            return payloads.YES
        return None

    async def _say(self, text: str) -> None:
        self.played.transcript.append(f"> {text}")
        await self.citizen.say(text[:2_000])
        self._note_answer()

    def _note_answer(self) -> None:
        self.played.transcript.append(self.citizen.text)
        inputs = [message.get("input") or {} for message in self.citizen.messages]
        for summary in (each for each in inputs if each.get("type") == "summary"):
            hints = [r.get("hint", "") for r in summary["rows"] if r["label"] == OFFICE]
            self.played.beside = "".join(hints)
            self.played.transcript += filter(None, hints)
