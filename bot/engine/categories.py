"""Comparison of the assistant's files with the categories of config/structures.yaml.

Runs in both environments, before a training and in `intercup check-config`, so it needs only
yaml. The sentences are for the people who maintain the files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

import yaml

# Intents that ask for assistance without naming a category.
OPENINGS = {"request_assistance", "inform_structure"}


def category_problems(project: Path, structures: Path) -> List[str]:
    """Return a sentence for each disagreement, with its path; none if the files agree.

    Raises:
        KeyError, TypeError: the structures file isn't valid; `intercup check-config` explains.
    """
    content = _read(structures)
    claimed = {
        intent: f"{structures}: {path}.intents.{intent}"
        for path, section in _sections(content)
        for intent in section["intents"]
    }
    domain = {_name_of(intent) for intent in _read(project / "domain.yml")["intents"]}
    rules = _read(project / "data/rules.yml")["rules"]
    return [
        *_unknown(claimed, domain, f"manca fra gli `intents` di {project / 'domain.yml'}"),
        *_unknown(claimed, _trained(project), f"è senza frasi in {project / 'data/nlu.yml'}"),
        *(f"{project / 'data/rules.yml'}: {problem}" for problem in _in_rules(content, rules)),
        *(
            f"{project / 'data/rules.yml'}: nessuna regola per l'intento {intent}"
            for intent in sorted(domain - {i for rule in rules for i in _intents_of(rule)})
        ),
    ]


def _read(path: Path) -> Dict[str, Any]:
    content: Dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


def _sections(content: Dict[str, Any]) -> Iterator[Any]:
    for index, category in enumerate(content["categories"]):
        yield f"categories[{index}]", category
    yield "access", content["access"]


def _name_of(intent: Any) -> str:
    return str(next(iter(intent)) if isinstance(intent, dict) else intent)


def _trained(project: Path) -> Set[str]:
    """Return the intents with sentences, without parsing thousands of them as YAML."""
    text = (project / "data/nlu.yml").read_text("utf-8")
    return set(re.findall(r"^\s*- intent: ([\w/]+)", text, re.MULTILINE))


def _unknown(claimed: Dict[str, str], known: Set[str], what: str) -> Iterator[str]:
    yield from (f"{path}: {what}" for intent, path in claimed.items() if intent not in known)


def _in_rules(content: Dict[str, Any], rules: List[Dict[str, Any]]) -> Iterator[str]:
    """Compare the intents of the rules that open a request with those of the categories."""
    access = set(content["access"]["intents"])
    of_platform = access | _claimed_by(content, to_platform=True)
    others = OPENINGS | _claimed_by(content, to_platform=False)
    for is_after_login, action, wanted in (
        (True, "request_form", others | of_platform),
        (False, "request_form", of_platform),
        (False, "action_before_login", others),
    ):
        listed = {
            intent
            for rule in rules
            if _is_authenticated(rule) is is_after_login and _first_action(rule) == action
            for intent in _intents_of(rule)
        }
        when = "dopo l'accesso" if is_after_login else "prima dell'accesso"
        for intent in sorted(wanted - listed):
            yield f"{when} {intent} non porta a {action}"
        for intent in sorted(listed - wanted):
            yield f"{when} {intent} porta a {action}, ma nessuna tipologia lo prevede"


def _claimed_by(content: Dict[str, Any], to_platform: bool) -> Set[str]:
    return {
        intent
        for category in content["categories"]
        if (category["route"] == "platform") is to_platform
        for intent in category["intents"]
    }


def _is_authenticated(rule: Dict[str, Any]) -> Any:
    slots = [
        s for condition in rule.get("condition", ()) for s in condition.get("slot_was_set", ())
    ]
    return next((slot["authenticated"] for slot in slots if "authenticated" in slot), None)


def _first_action(rule: Dict[str, Any]) -> Any:
    return next((step["action"] for step in rule["steps"] if "action" in step), None)


def _intents_of(rule: Dict[str, Any]) -> Set[str]:
    steps = [one for step in rule["steps"] for one in step.get("or", [step])]
    return {step["intent"] for step in steps if "intent" in step}
