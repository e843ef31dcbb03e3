"""Keep what `make faults` has found: bench/results/faults-DATE.json and docs/reliability.md."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Machine
from bench.report import RESULTS
from tests.faults.figures import FIGURES

DOCUMENT = Path("docs/reliability.md")
BEGIN, END = "<!-- scritto da make faults -->\n", "<!-- fine -->\n"


def table(kept: dict[str, Any]) -> str:
    """Return the document's table of kept figures."""
    rows = [
        f"| {row['fault']} | {row['how']} | {row['faults']} su {row['runs']} | {row['seen']}"
        f" | {row['lost']} | {row['duplicated']} |\n"
        for row in kept["rows"]
    ]
    return (
        f"{kept['date']}, {kept['machine']}.\n\n"
        "| guasto | come è provocato | quante volte | numeri mostrati | persi | e-mail doppie |\n"
        "|---|---|---|---|---|---|\n" + "".join(rows)
    )


def with_table(document: str, kept: dict[str, Any]) -> str:
    """Return the document with this table in the place of the one before."""
    return re.sub(
        f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table(kept)}\n{END}", document, flags=re.DOTALL
    )


def newest() -> dict[str, Any]:
    """Return the figures kept last."""
    found: dict[str, Any] = json.loads(max(RESULTS.glob("faults-*.json")).read_text("utf-8"))
    return found


def main() -> None:
    """Keep the figures and write the table."""
    rows = [json.loads(line) for line in FIGURES.read_text("utf-8").splitlines()]
    here = Machine.here()
    kept = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{here.cpu}, {here.cores} core, {here.ram_gb} GB, Linux {here.kernel}",
        "rows": rows,
    }
    path = RESULTS / f"faults-{kept['date']}.json"
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8"), kept), "utf-8")
    print(f"{table(kept)}\n{path}")  # noqa: T201


if __name__ == "__main__":
    main()
