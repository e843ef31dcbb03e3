from typing import Any

import numpy as np
import pytest
from engine.text_features import WINDOWS, Rows
from engine.yes_detector import EXPLICIT_YES, LENGTH_MAX, NO, STEPS, YES, YesDetector
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")
ACCEPTS, HAS_READ, ASKS = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]


def said(vector: list[float], text: str = "testo", **data: Any) -> Message:
    """A message with these features, dense and sparse."""
    message = Message({TEXT: text, **data})
    for matrix in (np.array([vector]), csr_matrix([vector])):
        features = Features(Rows(matrix, 0, 1), FEATURE_TYPE_SENTENCE, WINDOWS, "test")
        message.add_features(features)
    return message


def taught(vector: list[float], intent: str, step: str) -> Message:
    return said(vector, **{INTENT: intent, "metadata": {"intent": {"step": step}}})


@pytest.fixture
def detector(tmp_path: Any) -> YesDetector:
    """One that learnt that who has read the notice says yes to it, and to nothing else."""
    lessons = [
        *(taught(ACCEPTS, YES, step) for step in STEPS),
        *(taught(ASKS, NO, step) for step in STEPS),
        taught(HAS_READ, YES, "regulation"),
        taught(HAS_READ, NO, "privacy"),
        taught(HAS_READ, NO, "confirmation"),
    ]
    storage, resource = LocalModelStorage(tmp_path), Resource("yes")
    config = {**YesDetector.get_default_config(), "C": 1000.0}
    YesDetector.create(config, storage, resource, CONTEXT).train(TrainingData(lessons))
    return YesDetector.load(config, storage, resource, CONTEXT)


def steps_of(detector: YesDetector, message: Message) -> Any:
    (done,) = detector.process([message])
    return done.get(EXPLICIT_YES)


def test_a_yes_may_be_one_to_every_step(detector: YesDetector) -> None:
    assert steps_of(detector, said(ACCEPTS)) == list(STEPS)


def test_what_is_a_yes_to_one_step_is_none_to_another(detector: YesDetector) -> None:
    assert steps_of(detector, said(HAS_READ)) == ["regulation"]


def test_a_question_is_no_yes(detector: YesDetector) -> None:
    assert steps_of(detector, said(ASKS)) == []


def test_a_long_text_tells_more_than_a_yes(detector: YesDetector) -> None:
    assert steps_of(detector, said(ACCEPTS, text="x" * (LENGTH_MAX + 1))) is None


def test_the_yes_stands_in_the_reading(detector: YesDetector) -> None:
    (done,) = detector.process([said(ACCEPTS)])
    assert EXPLICIT_YES in done.as_dict(only_output_properties=True)


def test_without_sentences_there_is_no_yes(tmp_path: Any) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("yes")
    config = YesDetector.get_default_config()
    untaught = YesDetector.create(config, storage, resource, CONTEXT)
    untaught.train(TrainingData([said(ACCEPTS, **{INTENT: "greet"})]))
    assert steps_of(untaught, said(ACCEPTS)) is None
