from typing import Any

import numpy as np
import pytest
from engine.field_detector import FIELD_MEANT, FieldDetector
from engine.text_features import WINDOWS, Rows
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")
DOT_MISSING, ALL_RIGHT = [1.0, 0.0], [0.0, 1.0]


def said(vector: list[float], **data: Any) -> Message:
    message = Message({TEXT: "testo", **data})
    rows = Rows(np.array([vector]), 0, 1)
    message.add_features(Features(rows, FEATURE_TYPE_SENTENCE, WINDOWS, "test"))
    return message


def taught(vector: list[float], intent: str, **metadata: str) -> Message:
    return said(vector, **{INTENT: intent, "metadata": {"intent": metadata}})


def detector(folder: Any, lessons: list[Message]) -> FieldDetector:
    storage, resource = LocalModelStorage(folder), Resource("field")
    config = {**FieldDetector.get_default_config(), "C": 1000.0}
    FieldDetector.create(config, storage, resource, CONTEXT).train(TrainingData(lessons))
    return FieldDetector.load(config, storage, resource, CONTEXT)


@pytest.mark.parametrize(("vector", "name"), [(DOT_MISSING, "address"), (ALL_RIGHT, "none")])
def test_the_field_and_its_probability_stand_in_the_reading(
    tmp_path: Any, vector: list[float], name: str
) -> None:
    lessons = [
        taught(DOT_MISSING, "edit_answer", field="address"),
        taught(ALL_RIGHT, "affirm", field="none"),
        taught(DOT_MISSING, "affirm", step="privacy"),
    ]
    (done,) = detector(tmp_path, lessons).process([said(vector)])
    found = done.as_dict(only_output_properties=True)[FIELD_MEANT]
    assert found["name"] == name
    assert 0.9 < found["confidence"] <= 1.0


def test_without_sentences_no_field_is_named(tmp_path: Any) -> None:
    (done,) = detector(tmp_path, [taught(ALL_RIGHT, "greet")]).process([said(ALL_RIGHT)])
    assert done.get(FIELD_MEANT) is None
