"""Results of the mutations, as a table and as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """The outcome of a mutation; `by` is the first failing test, empty if it survived."""

    name: str
    symbol: str
    caught: bool
    by: str
    seconds: float


def write(results: list[Result], file: Path) -> None:
    """Write the results as JSON, and beside it as a table."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(result) for result in results]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    file.with_suffix(".md").write_text(_table(results), "utf-8")


def read(file: Path) -> list[Result]:
    """Read what `write` wrote."""
    return [Result(**row) for row in json.loads(file.read_text("utf-8"))]


def line(result: Result) -> str:
    """Say in a line how a mutation ended."""
    outcome = f"scoperta da {result.by}" if result.caught else "SOPRAVVISSUTA"
    return f"{result.name}: {outcome}, {result.seconds:.1f} s"


def summary(results: list[Result]) -> str:
    """Count the caught ones and name the survivors."""
    survivors = [result.name for result in results if not result.caught]
    seconds = sum(result.seconds for result in results)
    return (
        f"{len(results)} mutazioni, {len(results) - len(survivors)} scoperte in {seconds:.0f} s;"
        f" sopravvissute: {', '.join(survivors) or 'nessuna'}"
    )


def lost(before: list[Result], after: list[Result]) -> list[str]:
    """Name the mutations that were caught before and aren't now."""
    caught_now = {result.name for result in after if result.caught}
    return [result.name for result in before if result.caught and result.name not in caught_now]


def _table(results: list[Result]) -> str:
    rows = [
        f"| {result.name} | `{result.symbol}` | {'scoperta' if result.caught else 'sopravvissuta'}"
        f" | {f'`{result.by}`' if result.by else ''} | {result.seconds:.1f} |\n"
        for result in results
    ]
    head = "| mutazione | funzione | esito | primo test che fallisce | secondi |\n"
    return f"{summary(results)}.\n\n{head}|---|---|---|---|---|\n{''.join(rows)}"
