"""The candidates side by side."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List

from evaluation.metrics import margin
from evaluation.report import number, table

HEAD = [
    "candidato",
    "accuratezza dev",
    "accuratezza test",
    "F1 medio test",
    "ECE test",
    "fuori tema dev / test",
    "emergenze dev / test",
    "ms a frase",
    "memoria in più, MB",
    "addestramento, s",
]


def as_markdown(results: Dict[str, Any]) -> str:
    """Return the table, with the machine and the meaning of its columns."""
    machine, sentences = results["machine"], results["sentences"]
    when = datetime.fromisoformat(results["when"])
    half = margin(0.95, sentences["test"])
    lines = [
        f"Misurato il {when:%d/%m/%Y} con `make nlu-compare` su {machine['cpu']}, "
        f"{machine['cores']} core, {machine['ram_gb']} GB; carico prima: "
        f"{number(machine['load_before'], 1)}.",
        f"{sentences['training']} frasi di addestramento, {sentences['dev']} di sviluppo, "
        f"{sentences['test']} di prova: differenze sotto {number(half, 2)} possono essere il caso.",
        "",
        *table(HEAD, [_row(figures) for figures in results["candidates"].values()]),
        "",
        "RL: regressione logistica. ECE: distanza media fra confidenza e accuratezza. Tempo: la "
        "metà delle frasi ne richiede meno, su un core. Memoria: rispetto a un Rasa senza modello "
        "e senza TensorFlow.",
    ]
    return "\n".join(lines)


def _row(figures: Dict[str, Any]) -> List[str]:
    if "failed" in figures:
        return [figures["name"], f"non misurato: {figures['failed']}", *[""] * (len(HEAD) - 2)]
    dev, test = figures["dev"], figures["test"]
    return [
        figures["name"],
        number(dev["accuracy"]),
        number(test["accuracy"]),
        number(test["macro_f1"]),
        number(test["calibration_error"]),
        *(
            f"{number(dev[key], 2)} / {number(test[key], 2)}"
            for key in ("out_of_scope", "emergencies")
        ),
        number(figures["p50_ms"], 1),
        f"{figures['memory_mb']:.0f}",
        number(figures["training_seconds"], 1),
    ]
