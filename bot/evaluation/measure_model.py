"""`make nlu`: measure the trained model, print and store the figures, check the targets."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Tuple

from evaluation import languages
from evaluation.docs_block import replace_block
from evaluation.figure import draw_confusion
from evaluation.languages import LanguageFigures
from evaluation.rasa_model import RasaModel
from evaluation.report import (
    BURIED,
    SET_NAMES,
    STRANGERS,
    TIERS,
    SetFigures,
    as_markdown,
    intent_table,
    language_lines,
    number,
    summary,
    tier_table,
)
from evaluation.sentences import (
    BOT,
    SETS,
    STRANGERS_FILE,
    TIERS_FILE,
    TRAINING,
    buried,
    copied,
    read,
)
from evaluation.targets import EMERGENCY

MODEL = BOT / "models" / "intercup.tar.gz"
RESULTS = BOT.parent / "var" / "nlu"
DOCS = BOT.parent / "docs"
FIGURE = "nlu-confusion.png"


def report(record: bool) -> int:
    """Return the exit status: 1 if a target is missed or a sentence was trained on."""
    from engine.without_tensorflow import leave_out_tensorflow

    leave_out_tensorflow()
    sets, tiers, long, others = _measure()
    _write(sets, tiers, long, others)
    print(as_markdown(sets, tiers, long, others))
    if record:
        _record(sets, tiers, long, others)
    failures = [failure for figures in (*sets, tiers, long) for failure in figures.failures()]
    print(f"{len(failures)} obiettivi mancati" if failures else "Obiettivi raggiunti", end="; ")
    print(f"tabelle e figura sono in {os.path.relpath(RESULTS, BOT.parent)}/")
    return 1 if failures else 0


def _measure() -> Tuple[List[SetFigures], SetFigures, SetFigures, List[LanguageFigures]]:
    print("Carico il modello e leggo le frasi (circa 10 s)…", file=sys.stderr)
    training = read(TRAINING)
    model = RasaModel(MODEL)
    sets = []
    for name, path in {**SETS, STRANGERS: STRANGERS_FILE, TIERS: TIERS_FILE}.items():
        sentences = read(path)
        predictions, milliseconds = model.predict(sentences)
        sets.append(SetFigures(name, predictions, milliseconds, copied(sentences, training)))
    predictions, milliseconds = model.predict(buried(read(TIERS_FILE), EMERGENCY))
    long = SetFigures(BURIED, predictions, milliseconds, ())
    return sets[:-1], sets[-1], long, languages.measure(model)


def _write(
    sets: List[SetFigures], tiers: SetFigures, long: SetFigures, others: List[LanguageFigures]
) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    data = {figures.name: figures.as_dict() for figures in (*sets, tiers, long)}
    data["languages"] = [figures.as_dict() for figures in others]
    _file("report.json").write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    _file("report.md").write_text(as_markdown(sets, tiers, long, others))
    shown = _shown(sets)
    title = f"Insieme di {SET_NAMES[shown.name]}: {len(shown.predictions)} frasi"
    draw_confusion(shown.predictions, title, _file("confusion.png"))


def _record(
    sets: List[SetFigures], tiers: SetFigures, long: SetFigures, others: List[LanguageFigures]
) -> None:
    shutil.copy(_file("confusion.png"), DOCS / FIGURE)
    lines = [
        f"Misurato il {datetime.now(timezone.utc):%d/%m/%Y} con `make nlu ARGS=--record`; "
        f"{len(read(TRAINING))} frasi di addestramento.",
        "",
        *summary(sets),
        "",
        *tier_table(tiers, long),
        "",
        *language_lines(others),
        "",
        f"Insieme di prova, intento per intento (◀: principale sotto {number(0.9, 2)} di recall):",
        "",
        *intent_table(_shown(sets).predictions),
        "",
        f"![Intenti giusti (righe) e capiti (colonne) nell'insieme di prova]({FIGURE})",
    ]
    replace_block(DOCS / "tuning.md", "nlu", "\n".join(lines))


def _shown(sets: List[SetFigures]) -> SetFigures:
    """Return the set whose intents are shown one by one."""
    return [figures for figures in sets if figures.name != STRANGERS][-1]


def _file(name: str) -> Path:
    return RESULTS / name
