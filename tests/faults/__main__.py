"""Keep what `make faults` has found: bench/results/faults-DATE.json and docs/reliability.md."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Machine
from bench.report import RESULTS, newest, with_tables
from tests.faults.figures import FIGURES

DOCUMENT = Path("docs/reliability.md")
BEGIN = "<!-- scritto da make faults -->\n"


def tables(kept: dict[str, Any]) -> str:
    """Return the document's tables of kept figures, and the machine of each day."""
    machines = {row["date"]: row["machine"] for row in kept["rows"]}
    faults = [
        f"| {row['fault']} | {row['how']} | {row['faults']} su {row['runs']} | {row['seen']}"
        f" | {row['lost']} | {row['duplicated']} | {row['date']} |\n"
        for row in kept["rows"]
        if "fault" in row
    ]
    attacks = [
        f"| {row['attack']} | {row['visits']} | {row['longest_ms']} ms | {row['date']} |\n"
        for row in kept["rows"]
        if "attack" in row
    ]
    hung = [
        f"| `{row['part']}` | {_seconds(row['told_by_health'])} | {_seconds(row['back'])}"
        f" | {_seconds(row['longest_page'])} | {row['failed_pages']}"
        f" | {row['unanswered']} su {row['turns']} | {_seconds(row['longest_turn'])}"
        f" | {row['date']} |\n"
        for row in kept["rows"]
        if "part" in row
    ]
    return (
        "".join(f"{when}: {machine}.\n" for when, machine in sorted(machines.items())) + "\n"
        "| guasto | come è provocato | quante volte | numeri mostrati | persi | e-mail doppie"
        " | quando |\n|---|---|---|---|---|---|---|\n" + "".join(faults) + "\n"
        "| attacco | richieste di un altro | la più lunga | quando |\n|---|---|---|---|\n"
        + "".join(attacks)
        + "\n| parte bloccata | lo dice `/health` dopo | ripartita dopo | pagina più lenta | pagine"
        " non riuscite | turni senza risposta | turno più lungo | quando |\n"
        "|---|---|---|---|---|---|---|---|\n" + "".join(hung)
    )


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s".replace(".", ",")


def main() -> None:
    """Keep the figures and write the tables; with `--some`, the others stay as they were."""
    today, here = f"{datetime.now(UTC):%Y-%m-%d}", Machine.here()
    machine = f"{here.cpu}, {here.cores} core, {here.ram_gb} GB, Linux {here.kernel}"
    seen = {"date": today, "machine": machine}
    found = [json.loads(line) | seen for line in FIGURES.read_text("utf-8").splitlines()]
    before = newest("faults")["rows"] if sys.argv[1:] == ["--some"] else []
    kept = {"rows": list({_name(row): row for row in [*before, *found]}.values())}
    path = RESULTS / f"faults-{today}.json"
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    document = with_tables(DOCUMENT.read_text("utf-8"), BEGIN, tables(kept))
    DOCUMENT.write_text(document, "utf-8")
    print(f"{tables(kept)}\n{path}")  # noqa: T201


def _name(row: dict[str, Any]) -> tuple[str, str]:
    name = row.get("fault") or row.get("attack") or row["part"]
    return name, row.get("how", "")


if __name__ == "__main__":
    main()
