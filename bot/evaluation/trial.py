"""Comparison of two models, on all sets of sentences outside the training data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Sequence

import yaml
from engine.beside import ASKED

from evaluation.metrics import Prediction, accuracy, by_intent
from evaluation.rasa_model import RasaModel
from evaluation.sentences import SETS, Sentence, copied, read
from evaluation.targets import EMERGENCY

ADDED = {"test": "nlu_test.yml", "life": "nlu_life.yml"}  # the technical team's own sentences


def trial(project: Path, old: Path, new: Path, out: Path) -> int:
    """Measure both models and write the report; `project` was trained into the new one."""
    from engine.without_tensorflow import leave_out_tensorflow

    leave_out_tensorflow()
    project, old, new, out = (each.resolve() for each in (project, old, new, out))
    os.chdir(project)  # where the embeddings of these sentences stay for the second model
    sets = {name: read(path) for name, path in SETS.items()}
    for name, file in ADDED.items():
        added = project / "accepted" / file
        sets[name] = [*sets.get(name, []), *(read(added) if added.exists() else [])]
    sets = {name: sentences for name, sentences in sets.items() if sentences}
    models = [RasaModel(old), RasaModel(new)]
    read_by = {name: [each.read(sentences) for each in models] for name, sentences in sets.items()}
    training = [s for file in sorted(project.glob("data/nlu*.yml")) for s in read(file)]
    report = {
        "sets": {name: compared(*pair) for name, pair in read_by.items()},
        "changes": [c for name, pair in read_by.items() for c in changes(name, *pair)],
        "lost": [text for pair in read_by.values() for text in emergencies(*pair)],
        "won": [text for old_, new_ in read_by.values() for text in emergencies(new_, old_)],
        "copied": [text for each in sets.values() for text in copied(each, training)],
        "unanswered": unanswered(project),
        "misread": misread(models[1].read([Sentence(*each) for each in ASKED.items()])),
    }
    out.write_text(json.dumps(report, ensure_ascii=False), "utf-8")
    return 0


def compared(old: Sequence[Prediction], new: Sequence[Prediction]) -> Dict[str, Any]:
    """Return a set's accuracies, and the recall of each intent where it has changed."""
    before, after = by_intent(old), by_intent(new)
    return {
        "sentences": len(old),
        "before": accuracy(old),
        "after": accuracy(new),
        "intents": {
            label: [before[label].recall, after[label].recall, before[label].sentences]
            for label in before
            if before[label].recall != after[label].recall
        },
    }


def changes(
    name: str, old: Sequence[Prediction], new: Sequence[Prediction]
) -> List[Dict[str, Any]]:
    """Return every sentence whose reading changes; a reading that is asked about ends in `?`."""
    return [
        {"set": name, "text": a.text, "label": a.label, "before": _reading(a), "after": _reading(b)}
        for a, b in zip(old, new, strict=True)
        if _reading(a) != _reading(b)
    ]


def _reading(prediction: Prediction) -> str:
    return prediction.predicted + ("?" if prediction.asked else "")


def emergencies(old: Sequence[Prediction], new: Sequence[Prediction]) -> List[str]:
    """Return the emergencies found by the first only."""
    return [a.text for a, b in zip(old, new, strict=True) if _found(a) and not _found(b)]


def misread(known: Sequence[Prediction]) -> List[Dict[str, str]]:
    """Return the known sentences that would keep the model from starting beside another."""
    return [
        {"text": p.text, "label": p.label, "after": _reading(p)}
        for p in known
        if p.asked or not p.right
    ]


def _found(p: Prediction) -> bool:
    return p.label == EMERGENCY and ((p.right and not p.asked) or p.possible)


def unanswered(project: Path) -> List[str]:
    """Return the domain's intents without a rule, and the rules' answers without words."""
    domain = yaml.safe_load((project / "domain.yml").read_text("utf-8"))
    faq = yaml.safe_load((project / "data/faq.yml").read_text("utf-8"))["responses"]
    rules = yaml.safe_load((project / "data/rules.yml").read_text("utf-8"))["rules"]
    steps = [step for rule in rules for step in rule["steps"]]
    ruled = {step["intent"] for step in steps if "intent" in step}
    ruled |= {one["intent"] for step in steps for one in step.get("or", ()) if "intent" in one}
    words = {*domain["responses"], *faq, "utter_faq"}
    said = {step["action"] for step in steps if step.get("action", "").startswith("utter_")}
    return sorted({*map(_name, domain["intents"])} - ruled) + sorted(said - words)


def _name(intent: Any) -> str:
    return next(iter(intent)) if isinstance(intent, dict) else intent
