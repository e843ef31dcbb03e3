"""Prove an e-mail address: a code of 6 digits is sent there and typed back.

Before login it is the citizen's only address; after login it replaces the one from SPID, which may
be outdated or missing, for the rest of the session. A proof belongs to its `subject`: a
conversation or, on the plain pages, the session itself.

Rasa never sees address or code; the gateway tells it the verdict alone.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import AddressProof, BrowserSession, Delivery
from intercup.domain.dialogue.draft import AddressResult, CodeResult
from intercup.domain.mailbox import addresses_in, is_typed_mailbox
from intercup.languages.catalogues import ITALIAN
from intercup.mail.compose import CodeMail, compose_code
from intercup.mail.mail_settings import MailSettings
from intercup.services.delivery.outbox import queued
from intercup.services.limits import CODE_LIMITS, key_of, key_of_inbox, take

CODE_LIFE = 15 * 60.0  # seconds
WRONG_CODES_MAX = 5
PROOF_LIFE = 2 * 3600.0  # seconds between the right code and the sending
CODE_DIGITS = 6
_CODE = re.compile(rf"(?<!\d)\d(?:[ .-]?\d){{{CODE_DIGITS - 1}}}(?![ .-]?\d)")


@dataclass(frozen=True)
class Visitor:
    """The origin of an action, for limits."""

    session: str
    ip: str
    language: str = ITALIAN  # ISO 639-1, of the mail with the code


@dataclass(frozen=True)
class AddressProofs:
    """The proofs of all conversations and sessions. `secret_key` keys the hashes."""

    database: Database
    secret_key: bytes
    mails: MailSettings

    async def ask(
        self, subject: str, message_id: str, text: str, visitor: Visitor, now: float
    ) -> AddressResult | None:
        """Send a code to the address in the text; None if the text contains no address."""
        addresses = addresses_in(text)
        if not addresses:
            return None
        if len(addresses) != 1 or not is_typed_mailbox(address := addresses.pop()):
            return "invalid"
        async with self.database.write() as writing:
            return await self._send(writing, subject, message_id, address, visitor, now)

    async def ask_again(
        self, subject: str, message_id: str, visitor: Visitor, now: float
    ) -> AddressResult | None:
        """Send another code to the same address; None if there is no address."""
        async with self.database.write() as writing:
            proof = await writing.get(AddressProof, subject)
            if proof is None:
                return None
            return await self._send(writing, subject, message_id, proof.email, visitor, now)

    async def _send(
        self,
        writing: AsyncSession,
        subject: str,
        message_id: str,
        address: str,
        visitor: Visitor,
        now: float,
    ) -> AddressResult:
        proof = await writing.get(AddressProof, subject)
        if proof and proof.message_id == message_id:
            return "sent"
        who = {
            "address": key_of_inbox(self.secret_key, address),
            "session": key_of(self.secret_key, "session", visitor.session),
            "ip": key_of(self.secret_key, "ip", visitor.ip),
        }
        if await take(writing, "code", CODE_LIMITS, who, now):
            return "limited"
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        is_session = subject == visitor.session
        row = AddressProof(
            subject=subject,
            conversation_id=None if is_session else subject,
            session_hash=subject if is_session else None,
            email=address,
            person_key=key_of(self.secret_key, "address", address),
            code_hash=self._hash(subject, code),
            expires_at=now + CODE_LIFE,
            wrong_codes=0,
            proved_at=None,  # explicit, so that merge revokes an earlier proof
            message_id=message_id,
            verdict="sent",
        )
        await writing.merge(row)
        writing.add(self._delivery(code, address, visitor.language, now))
        return "sent"

    def _delivery(self, code: str, address: str, language: str, now: float) -> Delivery:
        expires = datetime.fromtimestamp(now + CODE_LIFE, UTC)
        sent = datetime.fromtimestamp(now, UTC)
        mail = compose_code(CodeMail(code, address, sent, expires, self.mails.mail_from, language))
        envelope_from = self.mails.envelope_from(mail[0], "code", address)
        return queued("code", envelope_from, address, mail, now)

    async def check(
        self, subject: str, message_id: str, text: str, visitor: Visitor, now: float
    ) -> CodeResult | None:
        """Check the code in the text; None if the text contains no code."""
        if not re.search(r"\d{3}", text):
            return None
        codes = {re.sub(r"\D", "", found) for found in _CODE.findall(text)}
        if len(codes) != 1:
            return "malformed"
        async with self.database.write() as writing:
            proof = await writing.get(AddressProof, subject, with_for_update=True)
            if proof is None:
                return "expired"
            if proof.message_id != message_id:
                proof.verdict = self._verdict(proof, codes.pop(), now)
                proof.message_id = message_id
            if proof.verdict == "right":
                await writing.execute(
                    update(BrowserSession)
                    .where(
                        BrowserSession.id_hash == visitor.session,
                        BrowserSession.person_key.is_not(None),
                    )
                    .values(email=proof.email)
                )
            return proof.verdict  # type: ignore[return-value]

    def _verdict(self, proof: AddressProof, code: str, now: float) -> CodeResult:
        if proof.proved_at is not None:
            return "right"
        if proof.wrong_codes >= WRONG_CODES_MAX:
            return "used_up"
        if not proof.expires_at - CODE_LIFE <= now <= proof.expires_at:
            return "expired"
        if hmac.compare_digest(proof.code_hash, self._hash(proof.subject, code)):
            proof.proved_at = now
            return "right"
        proof.wrong_codes += 1
        return "wrong" if proof.wrong_codes < WRONG_CODES_MAX else "used_up"

    def _hash(self, subject: str, code: str) -> str:
        return key_of(self.secret_key, f"code of {subject}", code)


async def open_proof(reading: AsyncSession, subject: str, now: float) -> AddressProof | None:
    """Return the pending proof whose code is still valid."""
    proof = await reading.get(AddressProof, subject)
    if proof is None or proof.proved_at is not None or now > proof.expires_at:
        return None
    return proof


async def proved_address(reading: AsyncSession, subject: str, now: float) -> AddressProof | None:
    """Return the proof if its code was entered recently enough."""
    proof = await reading.get(AddressProof, subject)
    if proof is None or proof.proved_at is None:
        return None
    return proof if 0 <= now - proof.proved_at <= PROOF_LIFE else None
