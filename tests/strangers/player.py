"""Play a stranger's conversation: words first, a button only after words have failed."""

import re
from dataclasses import dataclass, field

from intercup.domain.directory import Directory
from intercup.texts import TEXTS
from tests.strangers.script import Script
from tests.support.chatting_citizen import ChattingCitizen

TURNS_MAX = 30
CITIZEN = "Agata Lo Presti"
ADDRESS = "persona{number}@example.it"
NUMBER = re.compile(r"numero (IC(?:-[0-9A-Z]{4}){3})")
ASKED = ("Chi deve risponderle?", "Attenzione: il testo sembra", "Attenzione: nel testo")
# A question's words, and its step; the newest one counts.
QUESTIONS = {
    "Che tipo di richiesta è?": "kind",
    "Chi deve risponderle?": "kind",
    "A quale ufficio deve arrivare": "office",
    "Ho bisogno di capire meglio": "kind",
    "Per quale struttura?": "structure",
    TEXTS("chat.this_structure"): "proposal",
    TEXTS("chat.these_structures"): "proposal",
    "Scriva che cosa è successo": "description",
    "Quello che ha scritto è il testo da inviare": "check",
    "A quale indirizzo e-mail": "email",
    "con un codice di 6 cifre. Lo scriva": "code",
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
CORRECTION = "con la sua correzione in fondo"  # above the question for the description
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
BUTTONS = {
    "refusal": "Torna al consenso",
    "check": "È il testo da inviare",
    "correction": TEXTS("input.use_first_message"),
    "privacy": TEXTS("input.accept"),
    "regulation": TEXTS("input.accept"),
    "summary": TEXTS("input.send"),
    "access": "Invia il messaggio da qui",
}


@dataclass
class Played:
    """The course and the end of a conversation."""

    script: Script
    transcript: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    buttons_after_words: int = 0
    asked: bool = False
    alarmed: bool = False
    error: str = ""

    def verdict(self, directory: Directory) -> str:
        """Return `right`, `wrong office`, `no mail`, or `mail though none was wanted`."""
        right = self.script.right
        if right.category == "none":
            return "mail though none was wanted" if self.recipients else "right"
        if not self.recipients:
            return "no mail"
        offices = [self._mailboxes(each, directory) for each in (right.category, *right.also)]
        return "right" if set(self.recipients) in offices else "wrong office"

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
            if found := NUMBER.search(self.citizen.text):
                mails = await self.citizen.mails_about(found[1], 2)
                mine = {self.address, "agata.lopresti@example.it"}
                self.played.recipients = sorted({to for m in mails for to in m["rcpt"]} - mine)
                return self.played
            if not await self._turn():
                return self.played
        self.played.error = "too many turns"
        return self.played

    def _step(self) -> str | None:
        text = self.citizen.text
        if CORRECTION in text:
            return "correction"
        places = [(text.rfind(words), step) for words, step in QUESTIONS.items() if words in text]
        return max(places)[1] if places else None

    async def _turn(self) -> bool:
        step, script = self._step(), self.played.script
        self.played.alarmed |= step == "alarm"
        self.played.asked |= any(words in self.citizen.text for words in ASKED)
        if step == "alarm" and (script.right.emergency or self.seen.get("alarm")):
            return False
        self.seen[step or "-"] = times = self.seen.get(step or "-", 0) + 1
        if script.twist and not self.twisted and script.twist.at == step:
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
        answer = self._words(step, times)
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

    async def _press(self, step: str | None) -> bool:
        right = self.played.script.right
        if right.category == "none":
            return False
        if step not in MADE_FOR_BUTTONS:
            self.played.buttons_after_words += 1
        wanted = BUTTONS.get(step or "")
        if step == "cancel":
            wanted = next((title for title in self.citizen.offers if "annulla" not in title), None)
        if step in (None, "kind", "office"):
            category = self.directory.category_by_id[right.category]
            starts = (category.label, f"{category.subject}:")
            wanted = next((t for t in self.citizen.offers if t.startswith(starts)), None)
        if step in ("structure", "proposal"):
            found = self.directory.structure_by_id.get(right.structure or "")
            wanted = found.name if found else TEXTS("input.no_structure")
        if step == "description" and "input" in self.citizen.messages[-1]:
            wanted = TEXTS("input.use_first_message")
        if wanted not in self.citizen.offers:
            self.played.error = f"no way on at {step}: {sorted(self.citizen.offers)[:6]}"
            return False
        self.played.transcript.append(f"· preme «{wanted}»")
        await self.citizen.press(wanted)
        self._note_answer()
        return True

    async def _say(self, text: str) -> None:
        self.played.transcript.append(f"> {text}")
        await self.citizen.say(text[:2_000])
        self._note_answer()

    def _note_answer(self) -> None:
        self.played.transcript.append(self.citizen.text)
