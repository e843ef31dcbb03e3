"""Models as a try leaves them, with a report, for the tests of the desk."""

from typing import Any

from intercup.db.engine import Database
from intercup.services.models.store import add, publish
from tests.support.tiny_model import tiny_model

BASE = "0" * 64
PASSED = {"valid": True, "emergencies": True, "accuracy": True}
LOST = "non respiro più bene"
WORSE = {"set": "dev", "text": "ehilà", "label": "greet", "before": "greet", "after": "thank?"}
BETTER = {"set": "dev", "text": "grazie di tutto", "label": "thank"}
BETTER |= {"before": "out_of_scope", "after": "thank"}


def report(against: str, *missed: str, **more: Any) -> dict[str, Any]:
    """Return what a try says of a model compared with another, and the gates that it missed."""
    sets = {
        "dev": {"sentences": 1256, "before": 0.968, "after": 0.971, "intents": {}},
        "life": {"sentences": 40, "before": 0.85, "after": 0.9, "intents": {}},
    }
    found = {"sets": sets, "changes": [BETTER, WORSE], "lost": [], "won": [], "against": against}
    gates = PASSED | dict.fromkeys(missed, False)
    taught = [["lo spid mi rimanda indietro", "report_access_problem"]]
    return found | {"gates": gates, "taught": taught, "said": {}} | more


async def put(database: Database, name: str, at: float, tried: dict[str, Any] | None = None) -> str:
    """Store a model; return its hash."""
    async with database.write() as writing:
        return await add(writing, tiny_model(name), BASE, "Rosa", at, 1 if tried else 0, tried)


async def put_published(database: Database, name: str, at: float) -> str:
    """Store a model and publish it; return its hash."""
    sha256 = await put(database, name, at)
    async with database.write() as writing:
        assert await publish(writing, sha256, "Rosa", at)
    return sha256
