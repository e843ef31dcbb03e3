"""Sentences kept for the technical team."""

from typing import Any

from intercup.db.engine import Database
from intercup.db.tables import KeptSentence
from intercup.services.ids import new_id
from intercup.services.tuning.sentence_seal import SentenceSeal
from tests.support.made_requests import SECRET_KEY


async def keep_sentence(
    database: Database, text: str, secret_key: bytes = SECRET_KEY, **more: Any
) -> str:
    """Keep a sentence of a chat that is gone, unless `conversation_id` names one."""
    values: dict[str, Any] = {
        "id": new_id(),
        "sealed": SentenceSeal(secret_key).seal(text),
        "day": "2026-11-29",
        "until": "2099-12-29",
        "step": "",
        "intent": "report_booking_problem",
        "confidence": 0.41,
        "second": "report_platform_problem",
        "second_confidence": 0.33,
        "model": "0a1b2c3d",
        "reasons": ["low"],
        "state": "new",
    }
    row = KeptSentence(**values | more)
    async with database.write() as session:
        session.add(row)
    return row.id
