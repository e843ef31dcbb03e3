"""The tables of a month's figures as page, file and command show them, small cells hidden."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from intercup.domain.dialogue.draft import Step
from intercup.domain.directory import Directory
from intercup.domain.figures import share, without_small
from intercup.services.figures.reading import Figures
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS

HIDDEN = "meno di 5"


@dataclass(frozen=True)
class Row:
    """A row: what it counts, its count and the compared month's; None where hidden."""

    label: str
    count: int | None
    before: int | None
    width: int = 0  # of its bar, in percent of the largest count


@dataclass(frozen=True)
class Table:
    """A table of cells that exclude each other, or of shares in percent."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    unit: str = ""


# In this order; each kind's cells in that of texts.yaml, others by size.
KINDS = (
    *("category", "structure", "source", "language", "delivered", "pec"),
    *("taken", "answered"),
    *("question", "understood", "emergency", "stars"),
)
SHARES = (("forwarded_category", "category"), ("forwarded_structure", "structure"))
STEPS = ("entered", "answered", "asked_back", "left")


def tables_of(figures: Figures, before: Figures, directory: Directory) -> list[Table]:
    """Return all tables that have a row."""
    tables = [_counts(kind, figures, before, directory) for kind in KINDS]
    tables += [_shares(part, whole, figures, before, directory) for part, whole in SHARES]
    tables += [_steps(name, figures, before) for name in STEPS]
    return [table for table in tables if table.rows]


def _label(kind: str, cell: str, directory: Directory) -> str:
    kind = kind.removeprefix("forwarded_")
    if kind == "category":
        return category_of(directory, cell).label
    if kind == "structure":
        return structure_name_of(directory, cell or None) or TEXTS("input.no_structure")
    if kind == "language" and cell != "it":
        return TEXTS(f"language.{cell}")
    return TEXTS(f"figure.{'time' if kind in ('delivered', 'taken', 'answered') else kind}_{cell}")


def _counts(kind: str, figures: Figures, before: Figures, directory: Directory) -> Table:
    now, then = (each.get(kind, Counter()) for each in (figures, before))
    return _table(kind, now, then, lambda cell: _label(kind, cell, directory))


def _table(
    kind: str, now: Mapping[str, int], then: Mapping[str, int], label: Callable[[str], str]
) -> Table:
    shown, compared = without_small(now), without_small(then)
    names = sorted(
        now.keys() | then.keys(), key=lambda each: (-(shown.get(each) or 0), label(each))
    )
    rows = tuple((label(name), shown.get(name, 0), compared.get(name, 0)) for name in names)
    return Table(kind, TEXTS(f"figure.{kind}"), _with_bars(rows))


def _shares(
    part: str, whole: str, figures: Figures, before: Figures, directory: Directory
) -> Table:
    now, then = (_percents(each.get(part, {}), each.get(whole, {})) for each in (figures, before))
    rows = [
        (_label(part, cell, directory), now[cell], then.get(cell))
        for cell in sorted(now, key=lambda each: _label(part, each, directory))
    ]
    return Table(part, TEXTS(f"figure.{part}"), _with_bars(tuple(rows)), "%")


def _percents(parts: Mapping[str, int], wholes: Mapping[str, int]) -> dict[str, int]:
    """Return the shares that tell no small number, neither by themselves nor together."""
    shown, known = without_small({cell: n for cell, n in parts.items() if n}), without_small(wholes)
    told = [cell for cell, count in shown.items() if None not in (count, known.get(cell))]
    shares = {cell: share(parts[cell], wholes[cell]) for cell in told}
    return {cell: round(100 * value) for cell, value in shares.items() if value is not None}


def _steps(name: str, figures: Figures, before: Figures) -> Table:
    """Count a step's turns; who left it is hidden with who answered it."""

    def count(found: Figures, step: str) -> int | None:
        entered, answered, back = (
            found.get(f"step_{each}", Counter())[step]
            for each in ("entered", "answered", "asked_back")
        )
        left = max(0, entered - answered)
        values = {"entered": entered, "answered": answered, "asked_back": back, "left": left}
        is_split = share(min(answered, entered), entered) is None
        if name in ("answered", "left") and is_split:
            return None
        return without_small({"": values[name]})[""]

    steps = [step for step in _STEP_NAMES if figures.get("step_entered", Counter())[step]]
    rows = [
        (TEXTS(f"desk_step.{step}"), count(figures, step), count(before, step)) for step in steps
    ]
    return Table(f"step_{name}", TEXTS(f"figure.step_{name}"), _with_bars(tuple(rows)))


_STEP_NAMES: tuple[str, ...] = Step.__value__.__args__


def _with_bars(rows: tuple[tuple[str, int | None, int | None], ...]) -> tuple[Row, ...]:
    most = max((count or 0 for _, count, _ in rows), default=0)
    return tuple(
        Row(label, count, before, round(100 * (count or 0) / most) if most else 0)
        for label, count, before in rows
    )


def months_of(totals: Mapping[str, int]) -> list[Row]:
    """Return the requests by month, the newest first."""
    shown = [(month, without_small({"": count})[""], None) for month, count in totals.items()]
    return list(_with_bars(tuple(sorted(shown, reverse=True))))


def in_words(month: str) -> str:
    """Write a month, YYYY-MM, like "ottobre 2026"."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale="it")


def as_text(count: int | None, unit: str = "") -> str:
    """Write a cell."""
    return HIDDEN if count is None else f"{count}{f' {unit}' if unit else ''}"


def as_csv(tables: list[Table], month: str, before: str) -> str:
    """Write all tables as one CSV file; hidden cells are named, never empty."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";")
    writer.writerow(("tabella", "voce", month, before))
    for table in tables:
        for row in table.rows:
            cells = (as_text(each, table.unit) for each in (row.count, row.before))
            writer.writerow((table.title, row.label, *cells))
    return output.getvalue()
