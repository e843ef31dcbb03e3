"""The tables of docs/capacity.md, of the figures of capacity, volume and year that were kept last.

Italian like the document; the year is simulated, the rest measured.
"""

import math
from pathlib import Path
from typing import Any

from bench.capacity import STEADY_P95, STEADY_SHARE, STEPS
from bench.report import newest, with_tables

DOCUMENT = Path("docs/capacity.md")
BEGIN = "<!-- scritto da make bench ARGS=year -->\n"
SPARE = 1  # cells
# Tables by what fills them; the others are the register of requests.
CONTENTS = {
    "accessi SPID (24 mesi)": ("spid_register",),
    "conversazioni (24 ore)": ("chat_messages", "conversations", "sessions", "sentences"),
    "e-mail, con i testi di 30 giorni": ("deliveries", "pec_receipts"),
}
REGISTER = "registro delle richieste (12 mesi)"


def tables() -> str:
    """Return the document's tables."""
    capacity, volume, year = (newest(kind) for kind in ("capacity", "volume", "year"))
    parts = (_answers(capacity, volume, year), _assumed(year), _space(volume), _times(volume))
    return "\n".join((*parts, _purge(volume)))


def _table(*rows: tuple[str, ...]) -> str:
    head, *others = ("| " + " | ".join(row) + " |\n" for row in rows)
    return "".join((head, "|" + "---|" * len(rows[0]) + "\n", *others))


def _number(value: float, places: int = 0) -> str:
    """Write a number as in Italian."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def _size(count: float) -> str:
    return f"{_number(count / 1e9, 2)} GB" if count >= 1e9 else f"{_number(count / 1e6)} MB"


def _day_of(found: dict[str, Any]) -> str:
    return str(found["when"])[:10]


def _answers(capacity: dict[str, Any], volume: dict[str, Any], year: dict[str, Any]) -> str:
    given, found = year["assumptions"], year["year"]
    a_cell = capacity["requests_per_second"] * STEADY_SHARE
    turns = a_cell * len(STEPS)
    cells = math.ceil(found["peak_turns"] / turns)
    steady = capacity["loads"]["steady"]
    p95 = steady["answered"]["p95"]
    times = _bytes(volume) / volume["requests"]
    of_year = found["requests"] * times
    on_capacity = f"capacity-{_day_of(capacity)}: {_machine(capacity)}"
    return _table(
        ("figura", "valore", "su che cosa poggia"),
        (
            "una cella regge",
            f"{_number(a_cell, 1)} richieste intere al secondo, {_number(turns)} turni",
            f"misurata: il {STEADY_SHARE:.0%} di {_number(capacity['requests_per_second'], 1)}"
            f" ({on_capacity})",
        ),
        (
            "95º percentile di un turno a quel ritmo",
            f"{_number(p95)} ms",
            f"misurato; obiettivo {STEADY_P95:.0f} ms"
            f" {'raggiunto' if p95 <= STEADY_P95 else '**non raggiunto**'}, turni senza risposta"
            f" {steady['refused'] + steady['silent'] + steady['failed']} su"
            f" {_number(steady['answered']['turns'])}",
        ),
        (
            f"minuto più carico di un anno, {_number(given['citizens'])} cittadini",
            f"{_number(found['peak_turns'], 1)} turni al secondo,"
            f" {_number(found['peak_open'])} chat aperte, {found['peak_chats']} iniziate",
            f"simulato (year-{_day_of(year)}): {found['peak']}, durante un guasto della"
            " piattaforma",
        ),
        (
            "minuto più carico di un giorno qualunque",
            f"{_number(found['usual_turns'], 1)} turni al secondo",
            "simulato, mediana dei giorni",
        ),
        (
            "celle per il minuto più carico",
            f"{cells}, più {SPARE} di riserva",
            "dalle righe sopra",
        ),
        (
            "cittadini per cella",
            _number(given["citizens"] * turns / found["peak_turns"] // 1e5 * 1e5),
            "dalle righe sopra, per difetto",
        ),
        (
            "richieste in un anno",
            f"{_number(found['requests'])}, nel giorno più carico {_number(found['busiest_day'])}",
            "simulate",
        ),
        (
            f"base dati per {_number(volume['requests'])} richieste l'anno",
            _size(_bytes(volume)),
            f"misurata a regime e compatta (volume-{_day_of(volume)}), senza allegati",
        ),
        (
            "base dati dell'anno simulato",
            _size(of_year),
            "in proporzione; da lì non cresce, perché ogni giorno scade quanto arriva",
        ),
    )


def _machine(found: dict[str, Any]) -> str:
    machine = found["machine"]
    return f"{machine['cores']} core, {machine['cpu']}, carico prima {machine['load_before']}"


def _assumed(year: dict[str, Any]) -> str:
    given = year["assumptions"]
    share = {name: f"{_number(100 * given[name], 1)} %" for name in ("booking", "assistance")}
    return _table(
        ("ipotesi dell'anno", "valore"),
        ("cittadini", _number(given["citizens"])),
        ("prenotano nell'anno", share["booking"]),
        ("prenotazioni di ciascuno", _number(given["bookings"], 1)),
        ("cercano assistenza", f"{share['assistance']} delle prenotazioni"),
        ("inviano una richiesta", f"{_number(100 * given['sending'])} % di loro"),
        ("turni di una chat", f"{given['turns']:.0f} in {given['chat_minutes']:.0f} min, in media"),
        (
            "guasti della piattaforma",
            f"{given['failures']} l'anno, nei giorni feriali, di {given['failure_minutes']} min:"
            f" {given['failure_times']:.0f} volte gli arrivi",
        ),
    )


def _total(row: dict[str, Any]) -> int:
    return int(row["table"] + sum(row["indexes"].values()))


def _bytes(volume: dict[str, Any]) -> int:
    return sum(map(_total, volume["tables"].values()))


def _space(volume: dict[str, Any]) -> str:
    content_of = {table: name for name, tables_ in CONTENTS.items() for table in tables_}
    names = (*CONTENTS, REGISTER)
    of = {name: [0, 0] for name in names}
    for table, row in volume["tables"].items():
        sizes = of[content_of.get(table, REGISTER)]
        sizes[0] += row["table"]
        sizes[1] += sum(row["indexes"].values())
    rows = [(name, _size(of[name][0]), _size(of[name][1])) for name in names]
    backup = volume["backup"]
    return _table(("contenuto", "tabelle", "indici"), *rows) + (
        f"\n`pg_dump -Fc`: {_number(backup['seconds'])} s.\n"
    )


def _times(volume: dict[str, Any]) -> str:
    rows = [
        (name, f"{_number(found['p50'], 1)} ms", f"{_number(found['p95'], 1)} ms")
        for name, found in volume["latencies"].items()
    ]
    head = (f"con {_number(volume['requests'])} richieste", "mediana", "95º percentile")
    return f"{_machine(volume)}.\n\n{_table(head, *rows)}"


def _purge(volume: dict[str, Any]) -> str:
    rows = [
        (name, _number(found["rows"]), f"{_number(found['seconds'], 1)} s")
        for name, found in volume["purge"].items()
        if found["rows"]
    ]
    total = sum(found["seconds"] for found in volume["purge"].values())
    return _table(
        ("cancellazione di un giorno", "righe", "tempo"),
        *rows,
        ("tutte le regole", "", f"{_number(total, 1)} s"),
    )


def write() -> str:
    """Write the tables into the document, and return them."""
    found = tables()
    document = with_tables(DOCUMENT.read_text("utf-8"), BEGIN, found)
    DOCUMENT.write_text(document, "utf-8")
    return found
