"""The figures of the fault tests, from which docs/reliability.md is written."""

from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parents[2] / "var" / "faults.md"


def note(fault: str, how: str, tally: Any) -> None:
    """Add a row: fault, how it was made, how often, requests shown, lost, mails sent twice."""
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a", encoding="utf-8") as table:
        table.write(
            f"| {fault} | {how} | {tally.killed} of {tally.runs} | {tally.seen} | {tally.lost}"
            f" | {tally.duplicated} |\n"
        )
