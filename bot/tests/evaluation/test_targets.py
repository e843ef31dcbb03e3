from dataclasses import replace

import yaml
from evaluation import targets
from evaluation.metrics import Prediction
from evaluation.report import BURIED, TIERS, SetFigures
from evaluation.sentences import BOT

QUICK = [5.0]
PERFECT = [Prediction(f"{c} {i}", c, c, 0.9) for c in targets.CORE for i in range(10)]


def failures(
    predictions: list[Prediction], milliseconds: list[float] = QUICK, copied: tuple[str, ...] = ()
) -> list[str]:
    return SetFigures("dev", predictions, milliseconds, copied).failures()


def mistaken(label: str, count: int) -> list[Prediction]:
    """Let so many sentences of a label be taken for another one."""
    wrong = [p for p in PERFECT if p.label == label][:count]
    return [replace(p, predicted="faq/spid") if p in wrong else p for p in PERFECT]


def test_a_perfect_set_misses_nothing() -> None:
    assert failures(PERFECT) == []


def test_a_core_intent_may_lose_one_sentence_in_ten_but_not_two() -> None:
    assert failures(mistaken("cancel", 1)) == []
    assert failures(mistaken("cancel", 2)) == ["dev: recall di cancel 0,800, deve essere ≥ 0,90"]


def test_no_emergency_may_be_missed() -> None:
    assert failures(mistaken(targets.EMERGENCY, 1)) == [
        "dev: emergenze trovate 0,900, deve essere ≥ 1,00"
    ]


def test_an_emergency_that_is_asked_about_is_not_found() -> None:
    asked = [replace(p, asked=True) if p.label == targets.EMERGENCY else p for p in PERFECT]
    assert failures(asked) == ["dev: emergenze trovate 0,000, deve essere ≥ 1,00"]


def test_the_accuracy_counts_all_intents() -> None:
    others = [Prediction("", "faq/spid", "faq/privacy", 0.9)] * 20
    assert failures([*PERFECT, *others]) == ["dev: accuratezza 0,895, deve essere ≥ 0,95"]


def test_a_slow_model_is_not_good_enough() -> None:
    assert failures(PERFECT, [16.0]) == ["dev: ms a frase, p50 16,000, deve essere ≤ 15,00"]


def test_a_set_without_a_core_intent_fails() -> None:
    assert failures([p for p in PERFECT if p.label != "deny"])


def test_the_tiers_have_bounds_of_their_own() -> None:
    found = [Prediction("", targets.EMERGENCY, targets.EMERGENCY, 1.0)] * 95
    second = [Prediction("", targets.EMERGENCY, "thank", 0.9, possible=True)] * 5
    calm = [Prediction("", "thank", "thank", 0.9)] * 90
    near = [Prediction("", "thank", "thank", 0.9, possible=True)] * 8
    loud = [Prediction("", "thank", targets.EMERGENCY, 1.0)] * 2
    good = [*found, *second, *calm, *near, *loud]
    assert SetFigures(TIERS, good, QUICK, ()).failures() == []
    lost = replace(second[0], possible=False)
    assert SetFigures(TIERS, [*good[1:], lost, loud[0], near[0]], QUICK, ()).failures() == [
        "fasce: emergenze trovate 0,990, deve essere ≥ 1,00",
        "fasce: emergenze fermate con il 112 0,940, deve essere ≥ 0,95",
        "fasce: innocui fermati con il 112 0,029, deve essere ≤ 0,02",
        "fasce: innocui con il 112 sopra la risposta 0,088, deve essere ≤ 0,08",
    ]


def test_emergencies_in_long_texts_have_a_bound_of_their_own() -> None:
    found = [Prediction("", targets.EMERGENCY, targets.EMERGENCY, 1.0)] * 7
    second = [Prediction("", targets.EMERGENCY, "thank", 0.9, possible=True)]
    lost = [Prediction("", targets.EMERGENCY, "thank", 0.9)]
    assert SetFigures(BURIED, [*found, *second, *lost * 2], QUICK, ()).failures() == []
    (failure,) = SetFigures(BURIED, [*found, *lost * 3], QUICK, ()).failures()
    assert failure.endswith("senza punteggiatura 0,700, deve essere ≥ 0,80")


def test_a_copied_sentence_fails() -> None:
    assert failures(PERFECT, copied=("ciao",)) == ["dev: «ciao» è anche in data/nlu.yml"]


def test_the_core_intents_are_the_domains() -> None:
    domain = yaml.safe_load((BOT / "domain.yml").read_text())
    assert set(targets.CORE) <= set(domain["intents"])
