import pytest
from evaluation import metrics
from evaluation.metrics import Prediction


def prediction(label: str, predicted: str, confidence: float = 1.0) -> Prediction:
    return Prediction("", label, predicted, confidence)


THREE_OF_FOUR = [
    prediction("a", "a", 0.9),
    prediction("a", "b", 0.7),
    prediction("b", "b", 0.9),
    prediction("b", "b", 0.3),
]


def test_accuracy_is_the_share_of_right_labels() -> None:
    assert metrics.accuracy(THREE_OF_FOUR) == 0.75


def test_precision_and_recall_of_an_intent() -> None:
    scores = metrics.by_intent(THREE_OF_FOUR)
    assert (scores["a"].precision, scores["a"].recall, scores["a"].sentences) == (1.0, 0.5, 2)
    assert (scores["b"].precision, scores["b"].recall) == (pytest.approx(2 / 3), 1.0)
    assert scores["b"].f1 == pytest.approx(0.8)
    assert metrics.macro_f1(THREE_OF_FOUR) == pytest.approx((2 / 3 + 0.8) / 2)


def test_an_intent_never_predicted_has_no_precision() -> None:
    assert metrics.by_intent([prediction("a", "b")])["a"].precision == 0.0


def test_a_sure_and_always_right_model_is_calibrated() -> None:
    assert metrics.calibration_error([prediction("a", "a", 1.0)] * 5) == 0.0


def test_a_sure_and_always_wrong_model_is_not() -> None:
    assert metrics.calibration_error([prediction("a", "b", 1.0)] * 5) == 1.0


def test_the_calibration_error_weighs_the_bins_by_their_sentences() -> None:
    # Bins of 0.9 (twice, both right), 0.7 (wrong) and 0.3 (right).
    expected = (2 * 0.1 + 0.7 + 0.7) / 4
    assert metrics.calibration_error(THREE_OF_FOUR) == pytest.approx(expected)


def test_errors_within_a_bin_cancel_out() -> None:
    half = [prediction("a", "a", 0.5), prediction("a", "b", 0.5)]
    assert metrics.calibration_error(half) == 0.0


def test_above_a_level_there_are_fewer_sentences_and_more_right_ones() -> None:
    assert metrics.above(THREE_OF_FOUR, 0.0) == (1.0, 0.75)
    assert metrics.above(THREE_OF_FOUR, 0.9) == (0.5, 1.0)
    assert metrics.above(THREE_OF_FOUR, 0.95) == (0.0, 0.0)


def test_the_worst_mistakes_come_first() -> None:
    mistakes = [prediction("a", "b", confidence) for confidence in (0.2, 0.8, 0.5)]
    found = metrics.worst_mistakes([*mistakes, prediction("a", "a", 0.9)], count=2)
    assert [p.confidence for p in found] == [0.8, 0.5]


def test_percentiles() -> None:
    values = [float(i) for i in range(1, 101)]
    assert (metrics.percentile(values, 0.5), metrics.percentile(values, 0.95)) == (51.0, 96.0)
    assert metrics.percentile([7.0], 0.95) == 7.0


def test_the_margin_is_wilsons() -> None:
    # 95 of 100: between 0.888 and 0.978.
    assert metrics.margin(0.95, 100) == pytest.approx(0.045, abs=1e-3)
