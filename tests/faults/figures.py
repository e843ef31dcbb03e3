"""The figures of the fault tests and attacks, from which docs/reliability.md is written."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from tests.support.paths import ROOT

FIGURES = ROOT / "var" / "faults.jsonl"


@dataclass
class Tally:
    """The outcome of a fault. `faults` counts the runs in which it really occurred."""

    runs: int = 0
    faults: int = 0
    seen: int = 0  # numbers shown to citizens
    lost: int = 0
    duplicated: int = 0  # mails that reached a recipient once more


def note(fault: str, how: str, tally: Tally) -> None:
    """Keep the figures of a fault, both named in Italian as the document shows them."""
    _add({"fault": fault, "how": how} | asdict(tally))


def note_beside(attack: str, visits: int, longest: float) -> None:
    """Keep the longest time in seconds of another citizen's requests beside an attack."""
    _add({"attack": attack, "visits": visits, "longest_ms": round(longest * 1000)})


def _add(row: dict[str, Any]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a", encoding="utf-8") as figures:
        figures.write(json.dumps(row, ensure_ascii=False) + "\n")
