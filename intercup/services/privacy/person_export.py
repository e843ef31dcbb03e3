"""Export of one person's data. Its names are Italian: the person gets it."""

import email.policy
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import AttachmentContent, Delivery, PecReceipt, SpidExchange
from intercup.domain.italian_time import ROME
from intercup.domain.request import texts_of
from intercup.identity.register_seal import BrokenSeal, Exchange, RegisterSeal
from intercup.services.privacy.person import Found, Wanted
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.texts import TEXTS

ROLES = {"office": "ufficio", "copy": "copia", "code": "codice", "question": "domanda"}
READ_AT_ONCE = 500  # rows of the register


def as_json(
    found: Found,
    accesses: Sequence[dict[str, Any]] | None,
    seal: SentenceSeal,
    files: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Return all data except hashes, keys and leases, which only the service needs."""
    return {
        "richieste": [
            {
                "numero": row.number,
                "registrata": moment(row.created_at),
                "nome": row.name,
                "cognome": row.surname,
                "email": row.email,
                "tipologia": row.category,
                "struttura": row.structure,
                "ufficio": row.office_name,
                "protocollo": row.protocol_number,
                "protocollata": row.protocol_day,
                "provenienza": {"chat": "assistente", "form": "modulo"}.get(row.source, row.source),
            }
            | {TEXTS(f"request.{name}").lower(): text for name, text in texts_of(row).items()}
            for row in found.requests
        ],
        "consensi": [
            {
                "richiesta": row.request_number,
                "testo": row.text,
                "sha256": row.text_sha256,
                "traduzione": row.shown_text,
                "sha256_traduzione": row.shown_sha256,
                "versione": row.version,
                "accettato": moment(row.accepted_at),
            }
            for row in found.consents
        ],
        "inoltri": [
            {
                "richiesta": row.request_number,
                "da": row.from_office,
                "a": row.to_office,
                "nota": row.note,
                "inoltrata": moment(row.created_at),
            }
            for row in found.forwards
        ],
        "aggiunte": [
            {
                "richiesta": row.request_number,
                "tipo": TEXTS(f"addition.{row.kind}"),
                "testo": row.text,
                "inviata": moment(row.created_at),
            }
            for row in found.additions
        ],
        "allegati": files,
        "stati segnati dagli uffici": [
            {
                "richiesta": row.request_number,
                "passaggio": row.hop,
                "stato": TEXTS(f"mark.{row.state}"),
                "segnato": moment(row.marked_at),
            }
            for row in found.marks
        ],
        "domande se c'è stata risposta": [
            {
                "richiesta": row.request_number,
                "inviata": moment(row.asked_at),
                "risposta": {"yes": "sì", "no": "no"}.get(row.answer or ""),
                "data": moment(row.answered_at),
            }
            for row in found.questions
        ],
        "non vuole domande dal": [moment(row.refused_at) for row in found.refusals],
        "email": [_mail(row, found.receipts) for row in found.deliveries],
        "sessioni": [
            {
                "iniziata": moment(row.created_at),
                "usata": moment(row.seen_at),
                "nome": row.name,
                "cognome": row.surname,
                "email": row.email,
                "modulo non inviato": _typed(row.kept_form),
            }
            for row in found.sessions
        ],
        "conversazioni": [
            {
                "iniziata": moment(row.created_at),
                "finita": moment(row.ended_at),
                "bozza": {k: v for k, v in row.draft.items() if v and k != "key"},
                "messaggi": [
                    {"ora": moment(m.created_at), "autore": m.author, "testo": m.text}
                    for m in sorted(found.messages, key=lambda m: m.seq)
                    if m.conversation_id == row.id and m.text
                ],
            }
            for row in found.conversations
        ],
        "frasi per curare i dialoghi": [
            {"giorno": row.day, "testo": seal.open(row.sealed)} for row in found.sentences
        ],
        "indirizzi verificati": [
            {"email": row.email, "verificato": moment(row.proved_at)} for row in found.proofs
        ],
        "usi contati per i limiti": [
            {"tipo": row.kind, "ora": moment(row.used_at)} for row in found.uses
        ],
        "persona del presidio": [
            {"nome": row.name, "ruoli": row.roles.split(), "aggiunta": moment(row.created_at)}
            for row in found.staff
        ],
        "sessioni al presidio": [
            {"iniziata": moment(row.created_at), "usata": moment(row.seen_at)}
            for row in found.desk_sessions
        ],
        "registro del presidio": [
            {
                "ora": moment(row.at),
                "azione": TEXTS(f"desk_action.{row.action}"),
                "su": row.subject,
                "testo": row.detail,
            }
            for row in found.desk_events
        ],
        "accessi nel registro SPID": accesses,
    }


def _typed(form: dict[str, Any] | None) -> dict[str, Any] | None:
    return {name: v for name, v in form.items() if v and not name.endswith("key")} if form else None


def _mail(row: Delivery, receipts: Sequence[PecReceipt]) -> dict[str, Any]:
    message = message_from_bytes(row.raw, policy=email.policy.default)
    return {
        "richiesta": row.request_number,
        "tipo": ROLES.get(row.role, row.role),
        "destinatario": row.recipient,
        "stato": row.state,
        "preparata": moment(row.created_at),
        "inviata": moment(row.sent_at),
        "ricevute PEC": [
            {"tipo": each.kind, "ora": moment(each.issued_at), "incerta": each.doubtful}
            for each in receipts
            if each.delivery_id == row.id
        ],
        "oggetto": str(message["Subject"] or "") or None,
        # An office's mail has the same text as the copy, plus the secret forwarding link.
        "testo": message.get_content() if row.raw and row.role != "office" else None,
    }


async def files_of_person(
    session: AsyncSession, seal: SentenceSeal, found: Found
) -> list[dict[str, Any]]:
    """Return the files, with their contents in base 64 as long as they are kept."""
    sealed = await session.execute(
        select(AttachmentContent.attachment_id, AttachmentContent.sealed).where(
            AttachmentContent.attachment_id.in_([row.id for row in found.attachments])
        )
    )
    contents = {id_: _opened_file(seal, content) for id_, content in sealed}
    return [
        {
            "richiesta": row.request_number,
            "nome": row.name,
            "aggiunto": moment(row.created_at),
            "dimensione": row.size,
            "contenuto in base64": contents.get(row.id),
        }
        for row in found.attachments
    ]


def _opened_file(seal: SentenceSeal, sealed: bytes) -> str:
    try:
        return b64encode(seal.open_bytes(sealed)).decode()
    except InvalidToken:
        return "non leggibile"


async def accesses_of(
    session: AsyncSession, seal: RegisterSeal, wanted: Wanted
) -> list[dict[str, Any]]:
    """Search the register by opening every row: no column in clear names the person."""
    found, after = [], ""
    while True:
        rows = (
            await session.scalars(
                select(SpidExchange)
                .where(SpidExchange.request_id > after)
                .order_by(SpidExchange.request_id)
                .limit(READ_AT_ONCE)
            )
        ).all()
        for row in rows:
            exchange = _opened(seal, row)
            if exchange and wanted.in_clear.lower() in exchange.response.lower():
                found.append(
                    {
                        "ora": moment(row.answered_at),
                        "esito": exchange.outcome,
                        "richiesta": exchange.request,
                        "risposta": exchange.response,
                    }
                )
        if len(rows) < READ_AT_ONCE:
            return found
        after = rows[-1].request_id


def _opened(seal: RegisterSeal, row: SpidExchange) -> Exchange | None:
    try:
        return seal.open(row.request_id, row.sealed)
    except BrokenSeal:
        return None


def moment(seconds: float | None) -> str | None:
    """Format a time in Italian time, with its offset."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, ROME).isoformat(timespec="seconds")
