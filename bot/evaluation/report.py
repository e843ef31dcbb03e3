"""The report of `make nlu` on the trained model, in words for the authors of sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Sequence

from evaluation import metrics
from evaluation.languages import LanguageFigures, language_table
from evaluation.metrics import Prediction
from evaluation.targets import (
    CORE,
    EMERGENCY,
    MIN_CORE_RECALL,
    OUT_OF_SCOPE,
    Check,
    buried_checks,
    checks,
    emergencies_found,
    harmless_first,
    harmless_second,
    tier_checks,
)

STRANGERS = "strangers"  # the set that is reported without bounds
SET_NAMES = {"dev": "sviluppo (dev)", "test": "prova (test)", STRANGERS: "estranei"}
LONG_TEXT = 150  # characters, above which a text is a story
TIERS = "fasce"  # the set whose tiers are measured instead
BURIED = "testi lunghi"  # its emergencies within long texts


@dataclass(frozen=True)
class SetFigures:
    """A set's predictions, their times, and the sentences also found in the training data."""

    name: str
    predictions: Sequence[Prediction]
    milliseconds: Sequence[float]
    copied: Sequence[str]

    @property
    def p50(self) -> float:
        """Return the median time of a sentence."""
        return metrics.percentile(self.milliseconds, 0.5)

    @property
    def checks(self) -> List[Check]:
        """Return the set's figures with their bounds."""
        if self.name == TIERS:
            return tier_checks(self.predictions)
        if self.name == BURIED:
            return buried_checks(self.predictions)
        if self.name == STRANGERS:
            return []
        return checks(self.predictions, self.p50)

    def failures(self) -> List[str]:
        """Return a sentence for each missed target."""
        missed = [check for check in self.checks if not check.met]
        return [f"{self.name}: {_missed(check)}" for check in missed] + [
            f"{self.name}: «{text}» è anche in data/nlu.yml" for text in self.copied
        ]

    def as_dict(self) -> Dict[str, Any]:
        """Return all figures as plain data."""
        return {
            **overview(self.predictions),
            "emergencies_found": emergencies_found(self.predictions),
            "asked": _asked(self.predictions),
            "above": {level: metrics.above(self.predictions, level) for level in metrics.LEVELS},
            "milliseconds": {"p50": self.p50, "p95": metrics.percentile(self.milliseconds, 0.95)},
            "checks": [{**asdict(check), "met": check.met} for check in self.checks],
            "copied": list(self.copied),
            "mistakes": [asdict(p) for p in self.predictions if not p.right],
        }


def overview(predictions: Sequence[Prediction]) -> Dict[str, Any]:
    """Return the figures common to all candidates."""
    return {
        "sentences": len(predictions),
        "accuracy": metrics.accuracy(predictions),
        "macro_f1": metrics.macro_f1(predictions),
        "calibration_error": metrics.calibration_error(predictions),
        "out_of_scope": metrics.recall(predictions, OUT_OF_SCOPE),
        "intents": {k: asdict(score) for k, score in metrics.by_intent(predictions).items()},
    }


def summary(sets: Sequence[SetFigures]) -> List[str]:
    """Return the table of both sets side by side."""
    rows = {
        "frasi": [str(len(s.predictions)) for s in sets],
        "accuratezza (≥ 0,95)": [_accuracy(s.predictions) for s in sets],
        f"accuratezza oltre {LONG_TEXT} caratteri": [
            _accuracy([p for p in s.predictions if len(p.text) > LONG_TEXT]) for s in sets
        ],
        "F1 medio degli intenti": [number(metrics.macro_f1(s.predictions)) for s in sets],
        "emergenze trovate (tutte)": [number(emergencies_found(s.predictions)) for s in sets],
        "altre frasi fermate con il 112": [number(harmless_first(s.predictions)) for s in sets],
        "altre frasi con il 112 sopra la risposta": [
            number(harmless_second(s.predictions)) for s in sets
        ],
        "fuori tema riconosciuti (≥ 0,90)": [
            number(metrics.recall(s.predictions, OUT_OF_SCOPE)) for s in sets
        ],
        "errore di calibrazione (ECE)": [
            number(metrics.calibration_error(s.predictions)) for s in sets
        ],
        "frasi su cui chiede conferma": [number(_asked(s.predictions)) for s in sets],
        "ms a frase, p50 / p95 (p50 ≤ 15)": [_times(s.milliseconds) for s in sets],
    }
    head = ["", *(SET_NAMES.get(s.name, s.name) for s in sets)]
    return table(head, [[name, *cells] for name, cells in rows.items()])


def intent_table(predictions: Sequence[Prediction]) -> List[str]:
    """Return precision, recall and F1 of each intent; `◀` marks a core one below its bound."""
    rows = []
    for label, score in metrics.by_intent(predictions).items():
        core = label in CORE
        mark = " ◀" if core and score.recall < MIN_CORE_RECALL else ""
        figures = [number(value) for value in (score.precision, score.recall, score.f1)]
        rows.append([f"`{label}`{' *' if core else ''}{mark}", *figures, str(score.sentences)])
    return table(["intento (* principale)", "precisione", "recall", "F1", "frasi"], rows)


def confidence_table(predictions: Sequence[Prediction]) -> List[str]:
    """Return the share of sentences at or above each confidence, and their accuracy."""
    rows = [
        [number(level, 1), *(number(value) for value in metrics.above(predictions, level))]
        for level in metrics.LEVELS
    ]
    return table(["confidenza almeno", "quota delle frasi", "accuratezza"], rows)


def mistake_table(predictions: Sequence[Prediction]) -> List[str]:
    """Return the ten worst mistakes."""
    rows = [
        [p.text.replace("|", "\\|"), f"`{p.label}`", f"`{p.predicted}`", number(p.confidence, 2)]
        for p in metrics.worst_mistakes(predictions)
    ]
    return table(["frase", "giusto", "capito", "confidenza"], rows)


def tier_table(tiers: SetFigures, long: SetFigures) -> List[str]:
    """Return the shares of emergencies and harmless texts in the tiers, with their bounds."""
    found = [*tiers.checks, *long.checks]
    rows = [[check.name, number(check.value), _bound(check)] for check in found]
    rows.append(["ms a testo lungo, p50 / p95", _times(long.milliseconds), ""])
    harmless = sum(p.label != EMERGENCY for p in tiers.predictions)
    count = f"quota di {len(tiers.predictions) - harmless} emergenze e {harmless} testi innocui"
    return table([count, "misurata", "obiettivo"], rows)


def language_lines(others: Sequence[LanguageFigures]) -> List[str]:
    """Return the table of the other languages."""
    head = [
        "lingua",
        "insieme",
        "frasi",
        "intento giusto (≥ 0,90)",
        "emergenze: 112 + riga",
        "innocui: 112 + riga",
    ]
    return table(head, language_table(others))


def as_markdown(
    sets: Sequence[SetFigures],
    tiers: SetFigures,
    long: SetFigures,
    others: Sequence[LanguageFigures],
) -> str:
    """Return the whole report."""
    lines = ["# Quanto capisce", "", *summary(sets)]
    for figures in sets:
        lines += ["", f"## Insieme di {SET_NAMES.get(figures.name, figures.name)}"]
        for part in (intent_table, confidence_table, mistake_table):
            lines += ["", *part(figures.predictions)]
    lines += ["", "## Emergenze e testi innocui", "", *tier_table(tiers, long)]
    lines += ["", "## Altre lingue", "", *language_lines(others)]
    failures = [failure for figures in (*sets, tiers, long) for failure in figures.failures()]
    lines += ["", "## Obiettivi", "", *(f"- {line}" for line in failures or ["tutti raggiunti"])]
    return "\n".join(lines) + "\n"


def table(head: List[str], rows: List[List[str]]) -> List[str]:
    """Return a table in Markdown."""
    return ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]


def number(value: float, digits: int = 3) -> str:
    """Format a number in Italian style."""
    return f"{value:.{digits}f}".replace(".", ",")


def _accuracy(predictions: Sequence[Prediction]) -> str:
    if not predictions:
        return ""
    value = metrics.accuracy(predictions)
    return f"{number(value)} ± {number(metrics.margin(value, len(predictions)))}"


def _asked(predictions: Sequence[Prediction]) -> float:
    return metrics.share(sum(p.asked for p in predictions), len(predictions))


def _times(milliseconds: Sequence[float]) -> str:
    at = [metrics.percentile(milliseconds, part) for part in (0.5, 0.95)]
    return " / ".join(number(value, 1) for value in at)


def _missed(check: Check) -> str:
    return f"{check.name} {number(check.value)}, deve essere {_bound(check)}"


def _bound(check: Check) -> str:
    return f"{'≤' if check.at_most else '≥'} {number(check.bound, 2)}"
