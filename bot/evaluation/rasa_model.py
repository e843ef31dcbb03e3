"""Ask a trained Rasa model what sentences mean, through the graph that the server runs."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from evaluation.metrics import Prediction
from evaluation.sentences import Sentence

WARM_UP = 10  # sentences


class RasaModel:
    """A model file in this process, without a server."""

    def __init__(self, model: Path) -> None:
        from engine.patches import apply_patches
        from rasa.core.agent import Agent

        apply_patches()
        logging.getLogger("rasa").setLevel(logging.ERROR)
        self._agent = Agent.load(str(model))

    def predict(self, sentences: Sequence[Sentence]) -> Tuple[List[Prediction], List[float]]:
        """Return the predictions and how many milliseconds each took."""
        return asyncio.run(self._predict(sentences))

    async def _predict(self, sentences: Sequence[Sentence]) -> Tuple[List[Prediction], List[float]]:
        predictions, times = [], []
        for sentence in sentences[:WARM_UP]:
            await self._agent.parse_message(sentence.text)
        for sentence in sentences:
            start = time.perf_counter()
            parsed = await self._agent.parse_message(sentence.text)
            times.append((time.perf_counter() - start) * 1e3)
            predictions.append(_prediction(sentence, parsed))
        return predictions, times


def _prediction(sentence: Sentence, parsed: Dict[str, Any]) -> Prediction:
    from rasa.nlu.classifiers import fallback_classifier as fallback

    asked = fallback.is_fallback_classifier_prediction(parsed)
    intent = (fallback.undo_fallback_prediction(parsed) if asked else parsed)["intent"]
    label = intent.get("full_retrieval_intent_name") or intent["name"] or "nlu_fallback"
    return Prediction(sentence.text, sentence.label, label, intent["confidence"], asked)
