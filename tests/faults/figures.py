"""The figures of faults, hung parts and attacks, from which docs/reliability.md is written."""

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


def note_hung(part: str, back: float, seen: dict[str, Any]) -> None:
    """Keep what citizens saw while a part hung; times are in seconds, `back` until it worked."""
    told = seen["told_by_health"]
    _add(
        {
            "part": part,
            "told_by_health": None if told is None else round(told, 1),
            "back": round(back, 1),
            "longest_page": round(seen["longest_page"], 1),
            "failed_pages": seen["failed_pages"],
            "turns": seen["turns"],
            "unanswered": seen["unanswered"],
            "longest_turn": round(seen["longest_turn"], 1),
        }
    )


def _add(row: dict[str, Any]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a", encoding="utf-8") as figures:
        figures.write(json.dumps(row, ensure_ascii=False) + "\n")
