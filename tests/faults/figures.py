"""The figures of the fault tests, from which docs/reliability.md is written."""

import json
from dataclasses import asdict, dataclass

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
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a", encoding="utf-8") as figures:
        row = {"fault": fault, "how": how} | asdict(tally)
        figures.write(json.dumps(row, ensure_ascii=False) + "\n")
