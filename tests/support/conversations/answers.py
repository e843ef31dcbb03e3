"""Coverage of the assistant's answers by the conversations, which must be complete."""

import re

import yaml

from tests.support.paths import ROOT

# Answers for failures, delays and concurrent changes, which other tests cause.
ONLY_WHEN_BROKEN = frozenset(
    {
        "utter_not_registered_database_unavailable",
        "utter_not_registered_not_authenticated",
        "utter_not_registered_limited",
        "utter_code_expired",
        "utter_consent_changed",
        "utter_choice_gone",
        "utter_address_stays",
    }
)


def not_heard(heard: list[str]) -> list[str]:
    """Return the names of the answers found in none of the texts."""
    texts = [_plain(text) for text in heard]
    return sorted(
        name
        for name, pattern in _answers().items()
        if name not in ONLY_WHEN_BROKEN and not any(pattern.match(text) for text in texts)
    )


def _answers() -> dict[str, re.Pattern[str]]:
    files = (ROOT / "bot/domain.yml", ROOT / "bot/data/faq.yml")
    answers = {}
    for file in files:
        for name, variants in yaml.safe_load(file.read_text("utf-8"))["responses"].items():
            said = "|".join(_as_pattern(v["text"]) for v in variants if "text" in v)
            if said:
                answers[name] = re.compile(f"(?:{said})")
    return answers


def _as_pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(_plain(text)))


def _plain(text: str) -> str:
    return " ".join(text.split())
