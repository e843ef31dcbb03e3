"""The other languages' sets: intents, tiers of emergencies and of harmless texts, by language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import yaml

from evaluation.metrics import Prediction, accuracy, share
from evaluation.rasa_model import RasaModel
from evaluation.sentences import BOT, Sentence
from evaluation.targets import EMERGENCY, MIN_CORE_RECALL

FOLDER = BOT / "tests" / "languages"
SETS = {"dev": "sviluppo", "test": "prova"}


@dataclass(frozen=True)
class LanguageFigures:
    """The predictions of a language's set: of its intents, its emergencies, its harmless texts."""

    language: str
    set_name: str
    intents: Sequence[Prediction]
    emergencies: Sequence[Prediction]
    harmless: Sequence[Prediction]

    def as_dict(self) -> Dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "language": self.language,
            "set": self.set_name,
            "sentences": len(self.intents),
            "accuracy": accuracy(self.intents),
            "emergencies": tiers(self.emergencies),
            "harmless": tiers(self.harmless),
            "intents": {
                label: accuracy([p for p in self.intents if p.label == label])
                for label in sorted({p.label for p in self.intents})
            },
        }


def tiers(predictions: Sequence[Prediction]) -> Tuple[float, float]:
    """Return the shares that 112 stops, and that get a line with 112 above the answer."""
    first = sum(p.predicted == EMERGENCY for p in predictions)
    second = sum(p.predicted != EMERGENCY and p.possible for p in predictions)
    return share(first, len(predictions)), share(second, len(predictions))


def read_kinds(path: Path) -> Dict[str, List[Sentence]]:
    """Read a set: its sentences by kind, `intents`, `emergencies` or `harmless`."""
    found: Dict[str, List[Sentence]] = {"intents": [], "emergencies": [], "harmless": []}
    for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
        is_harmless = (block.get("metadata") or {}).get("harmless", False)
        is_emergency = block["intent"] == EMERGENCY
        kind = "harmless" if is_harmless else "emergencies" if is_emergency else "intents"
        lines = (line.strip() for line in block["examples"].splitlines())
        found[kind] += [Sentence(line[2:], block["intent"]) for line in lines if line]
    return found


def measure(model: RasaModel) -> List[LanguageFigures]:
    """Measure the sets of all languages, those for choices first."""
    found = []
    for set_name in SETS:
        for path in sorted(FOLDER.glob(f"*_{set_name}.yml")):
            kinds = read_kinds(path)
            predictions = {kind: model.predict(some)[0] for kind, some in kinds.items()}
            found.append(LanguageFigures(path.name[:2], set_name, **predictions))
    return found


def language_table(figures: Sequence[LanguageFigures]) -> List[List[str]]:
    """Return a row for each set; `◀` marks one below the target of the intents."""
    return [
        [
            each.language,
            SETS[each.set_name],
            str(len(each.intents)),
            _mark(accuracy(each.intents)),
            _pair(tiers(each.emergencies)),
            _pair(tiers(each.harmless)),
        ]
        for each in figures
    ]


def _mark(value: float) -> str:
    return _number(value) + (" ◀" if value < MIN_CORE_RECALL else "")


def _pair(shares: Tuple[float, float]) -> str:
    return " + ".join(_number(value) for value in shares)


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
