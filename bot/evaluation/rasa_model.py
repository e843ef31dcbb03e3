"""Predictions of a trained Rasa model, through the server's graph."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from evaluation.metrics import Prediction
from evaluation.sentences import Sentence

WARM_UP = 10  # sentences


class RasaModel:
    """A model file in this process, without a server."""

    def __init__(self, model: Path) -> None:
        from engine.safe_logging import set_up_logging

        # Before Rasa's import, or it would log every sentence.
        set_up_logging()
        from engine.patches import apply_patches
        from rasa.core.agent import Agent

        apply_patches()
        self._agent = Agent.load(str(model))

    def read(self, sentences: Sequence[Sentence]) -> List[Prediction]:
        """Return the predictions of many sentences, made together in half the time."""
        from rasa.core.channels.channel import UserMessage
        from rasa.engine.constants import PLACEHOLDER_MESSAGE

        processor = self._agent.processor
        target = processor.model_metadata.nlu_target
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(each.text) for each in sentences]}
        parsed = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
        return [
            _prediction(sentence, message.as_dict(only_output_properties=True))
            for sentence, message in zip(sentences, parsed, strict=True)
        ]

    def predict(self, sentences: Sequence[Sentence]) -> Tuple[List[Prediction], List[float]]:
        """Return the predictions and the milliseconds of processor time that each took."""
        return asyncio.run(self._predict(sentences))

    async def _predict(self, sentences: Sequence[Sentence]) -> Tuple[List[Prediction], List[float]]:
        predictions, times = [], []
        for sentence in sentences[:WARM_UP]:
            await self._agent.parse_message(sentence.text)
        for sentence in sentences:
            start = time.process_time()
            parsed = await self._agent.parse_message(sentence.text)
            times.append((time.process_time() - start) * 1e3)
            predictions.append(_prediction(sentence, parsed))
        return predictions, times


def _prediction(sentence: Sentence, parsed: Dict[str, Any]) -> Prediction:
    from engine.emergency_detector import POSSIBLE
    from rasa.nlu.classifiers import fallback_classifier as fallback

    asked = fallback.is_fallback_classifier_prediction(parsed)
    intent = (fallback.undo_fallback_prediction(parsed) if asked else parsed)["intent"]
    label = intent.get("full_retrieval_intent_name") or intent["name"] or "nlu_fallback"
    possible = bool(parsed.get(POSSIBLE))
    return Prediction(sentence.text, sentence.label, label, intent["confidence"], asked, possible)
