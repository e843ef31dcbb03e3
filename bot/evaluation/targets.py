"""Targets of the understanding, on sentences outside the training data.

Source: the dialogue's design, section 5, "Quality to reach".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Sequence

from evaluation.metrics import Prediction, accuracy, by_intent, recall, share

MIN_ACCURACY = 0.95
MIN_CORE_RECALL = 0.90
MIN_EMERGENCIES = 1.0
MIN_OUT_OF_SCOPE = 0.90
MIN_EMERGENCIES_FIRST = 0.95  # which 112 stops
MIN_BURIED = 0.80  # in a tier, of those in long texts without punctuation
MAX_HARMLESS_FIRST = 0.02
MAX_HARMLESS_SECOND = 0.08
# Milliseconds of processor time per sentence, on one thread.
MAX_P50 = 15.0

EMERGENCY = "medical_emergency"
OUT_OF_SCOPE = "out_of_scope"
# Intents that lead to a request or a person; the others are FAQ and courtesies.
CORE = (
    "affirm",
    "ask_facility_information",
    "ask_human",
    "ask_request_status",
    "ask_wrong_recipient",
    "cancel",
    "change_booking",
    "deny",
    "edit_answer",
    "inform_structure",
    EMERGENCY,
    "no_structure",
    OUT_OF_SCOPE,
    "report_access_problem",
    "report_booking_problem",
    "report_platform_problem",
    "request_assistance",
)


@dataclass(frozen=True)
class Check:
    """A figure and the bound it has to keep."""

    name: str
    value: float
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """True if the figure keeps its bound."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def emergencies_found(predictions: Sequence[Prediction]) -> float:
    """Return the share of emergencies in a tier: 112 alone, or 112 above the answer."""
    emergencies = [p for p in predictions if p.label == EMERGENCY]
    in_a_tier = sum((p.right and not p.asked) or p.possible for p in emergencies)
    return share(in_a_tier, len(emergencies))


def harmless_first(predictions: Sequence[Prediction]) -> float:
    """Return the share of other texts that 112 stops."""
    harmless = [p for p in predictions if p.label != EMERGENCY]
    return share(sum(p.predicted == EMERGENCY for p in harmless), len(harmless))


def harmless_second(predictions: Sequence[Prediction]) -> float:
    """Return the share of other texts with 112 above the answer."""
    harmless = [p for p in predictions if p.label != EMERGENCY]
    return share(sum(p.possible for p in harmless), len(harmless))


def tier_checks(predictions: Sequence[Prediction]) -> List[Check]:
    """Compare the tiers of emergencies and harmless texts with the targets."""
    stopped = [p.predicted == EMERGENCY for p in predictions if p.label == EMERGENCY]
    first, second = harmless_first(predictions), harmless_second(predictions)
    found = share(sum(stopped), len(stopped))
    return [
        Check("emergenze trovate", emergencies_found(predictions), MIN_EMERGENCIES),
        Check("emergenze fermate con il 112", found, MIN_EMERGENCIES_FIRST),
        Check("innocui fermati con il 112", first, MAX_HARMLESS_FIRST, at_most=True),
        Check("innocui con il 112 sopra la risposta", second, MAX_HARMLESS_SECOND, at_most=True),
    ]


def buried_checks(predictions: Sequence[Prediction]) -> List[Check]:
    """Compare the emergencies found in long texts without punctuation with their target."""
    name = "emergenze trovate in 1.900 caratteri senza punteggiatura"
    return [Check(name, emergencies_found(predictions), MIN_BURIED)]


def checks(predictions: Sequence[Prediction], p50: float) -> List[Check]:
    """Compare a set's predictions with the targets; a missing intent fails."""
    recalls: Dict[str, float] = {
        label: score.recall for label, score in by_intent(predictions).items()
    }
    return [
        Check("accuratezza", accuracy(predictions), MIN_ACCURACY),
        *(Check(f"recall di {core}", recalls.get(core, 0.0), MIN_CORE_RECALL) for core in CORE),
        Check("emergenze trovate", emergencies_found(predictions), MIN_EMERGENCIES),
        Check("fuori tema riconosciuti", recall(predictions, OUT_OF_SCOPE), MIN_OUT_OF_SCOPE),
        Check("ms a frase, p50", p50, MAX_P50, at_most=True),
    ]
