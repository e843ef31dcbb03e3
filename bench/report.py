"""The table of the figures against their targets, on the screen and in bench/results/.

Also the tables of other figures that documents contain.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Machine
from bench.service import ServiceFigures
from bench.starter import StarterFigures

RESULTS = Path(__file__).parent / "results"
FORM_SHARE = 0.35  # of the starter's plain turn
THROUGHPUT_TIMES = 3.5  # the starter's
RASA_MEMORY = 750.0  # MB
OTHER_MEMORY = 300.0  # MB
REQUESTS = 20.0  # whole ones a second, of 8 citizens, on SQLite
WEB_CPU, RASA_CPU = 3.0, 5.0  # ms a turn
TRAINING, TRAINING_AGAIN = 150.0, 20.0  # seconds
END = "<!-- fine -->\n"  # of the tables in a document


@dataclass(frozen=True)
class Target:
    """A figure and the bound it has to keep."""

    name: str
    value: float
    bound: float
    at_most: bool
    unit: str

    @property
    def met(self) -> bool:
        """True if the figure keeps its bound."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def row(self) -> str:
        """Return a row of the table."""
        sign, verdict = "≤" if self.at_most else "≥", "yes" if self.met else "**no**"
        return (
            f"| {self.name} | {self.value:.1f} {self.unit} | {sign} {self.bound:.1f} {self.unit} "
            f"| {verdict} |"
        )


def targets(starter: StarterFigures, service: ServiceFigures) -> list[Target]:
    """Compare the service's figures with the targets."""
    form_bound = starter.plain.p50 * FORM_SHARE
    rate_bound = starter.per_second * THROUGHPUT_TIMES
    return [
        Target("form turn through web, p50", service.form.p50, form_bound, True, "ms"),
        Target("form turns, 8 citizens", service.per_second, rate_bound, False, "/s"),
        Target("whole requests, 8 citizens", service.requests_per_second, REQUESTS, False, "/s"),
        Target("CPU a turn, web", service.cpu["web"], WEB_CPU, True, "ms"),
        Target("CPU a turn, Rasa", service.cpu["rasa"], RASA_CPU, True, "ms"),
        Target("memory of Rasa", service.rasa_memory, RASA_MEMORY, True, "MB"),
        Target("memory of web, worker, actions", service.other_memory, OTHER_MEMORY, True, "MB"),
        Target("training from nothing", service.training, TRAINING, True, "s"),
        Target("training, 40 sentences new", service.training_again, TRAINING_AGAIN, True, "s"),
    ]


def as_markdown(
    machine: Machine, starter: StarterFigures, service: ServiceFigures, when: datetime
) -> str:
    """Return the report."""
    sizes = ", ".join(f"{name} {size:.0f}" for name, size in service.memory.items())
    cpu = ", ".join(f"{name} {spent}" for name, spent in service.cpu.items())
    return "\n".join(
        [
            f"# Benchmark of {when:%Y-%m-%d %H:%M} UTC",
            "",
            f"{machine.as_text()} Clients on the same machine.",
            "",
            "| figure | value | target | met |",
            "|---|---|---|---|",
            *(target.row() for target in targets(starter, service)),
            "",
            "| | `rasa init` starter | the service |",
            "|---|---|---|",
            f"| turn p50 / p95 (ms) | {starter.plain.p50} / {starter.plain.p95} (plain) "
            f"| {service.form.p50} / {service.form.p95} (form) |",
            f"| sending a request p50 / p95 (ms) | | {service.send.p50} / {service.send.p95} |",
            f"| turns per second, 8 clients | {starter.per_second} (plain) "
            f"| {service.per_second} (form) |",
            f"| whole requests per second with their mails, 8 clients | "
            f"| {service.requests_per_second} |",
            f"| CPU a turn, 8 clients (ms) | | {cpu} |",
            f"| start to ready (s) | {starter.start} | {service.start} |",
            f"| training (s) | {starter.training} "
            f"| {service.training}, again {service.training_again} |",
            f"| memory (MB, PSS) | {starter.memory:.0f} | {sizes} |",
            "",
        ]
    )


def write(machine: Machine, starter: StarterFigures, service: ServiceFigures) -> str:
    """Write the report and its data under today's date, and return the report."""
    when = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    report = as_markdown(machine, starter, service, when)
    (RESULTS / f"{when:%Y-%m-%d}.md").write_text(report)
    data = {
        "when": when.isoformat(timespec="seconds"),
        "machine": machine.as_dict(),
        "starter": asdict(starter),
        "service": asdict(service),
        "targets": [asdict(target) | {"met": target.met} for target in targets(starter, service)],
    }
    (RESULTS / f"{when:%Y-%m-%d}.json").write_text(json.dumps(data, indent=2) + "\n")
    return report


def newest(kind: str) -> dict[str, Any]:
    """Return the figures of a kind that were kept last."""
    found: dict[str, Any] = json.loads(max(RESULTS.glob(f"{kind}-*.json")).read_text("utf-8"))
    return found


def with_tables(document: str, begin: str, tables: str) -> str:
    """Return the document with these tables in the place of those after `begin`."""
    return re.sub(
        f"{begin}.*{END}", lambda _: f"{begin}\n{tables}\n{END}", document, flags=re.DOTALL
    )
