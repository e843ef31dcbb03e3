"""Train a pipeline of Rasa's on a copy of the sentences, and use it through Rasa's graph."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import yaml

from evaluation.candidates import RasaCandidate
from evaluation.metrics import Prediction
from evaluation.rasa_model import RasaModel
from evaluation.sentences import Sentence

MODEL = "model.tar.gz"


def fit(candidate: RasaCandidate, sentences: Sequence[Sentence], folder: Path) -> None:
    """Train and write the model into the folder."""
    from engine.training import leave_out_cache
    from rasa.model_training import train_nlu

    if not candidate.tensorflow:
        leave_out_cache()  # As in our training, but not in Rasa's.
    config, data = folder / "config.yml", folder / "nlu.yml"
    recipe = {"recipe": "default.v1", "language": "it", "assistant_id": "candidate"}
    config.write_text(yaml.safe_dump({**recipe, "pipeline": candidate.pipeline}))
    data.write_text(yaml.safe_dump({"version": "3.1", "nlu": _as_rasa_reads(sentences)}))
    train_nlu(str(config), str(data), str(folder), fixed_model_name=MODEL)


def _as_rasa_reads(sentences: Sequence[Sentence]) -> List[Dict[str, str]]:
    examples: Dict[str, str] = {}
    for sentence in sentences:
        name = _one_label(sentence.label)
        examples[name] = examples.get(name, "") + f"- {sentence.text}\n"
    return [{"intent": name, "examples": lines} for name, lines in examples.items()]


def _one_label(label: str) -> str:
    """Return a name that Rasa doesn't treat as a retrieval intent."""
    return label.replace("/", "_")


def serve(
    folder: Path, sets: Dict[str, List[Sentence]]
) -> Dict[str, Tuple[List[Prediction], List[float]]]:
    """Return each set's predictions and how many milliseconds each took."""
    model = RasaModel(folder / MODEL)
    return {name: _predict(model, sentences) for name, sentences in sets.items()}


def _predict(
    model: RasaModel, sentences: Sequence[Sentence]
) -> Tuple[List[Prediction], List[float]]:
    renamed = [Sentence(sentence.text, _one_label(sentence.label)) for sentence in sentences]
    return model.predict(renamed)
