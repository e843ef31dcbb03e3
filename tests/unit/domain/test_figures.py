"""The cells that requests and turns count for, and those that could tell of a person."""

from typing import Any

from intercup.domain.dialogue.draft import Draft, Step
from intercup.domain.figures import (
    RequestFacts,
    TurnFacts,
    of_request,
    of_turn,
    share,
    without_small,
)


def test_small_cells_are_hidden_with_what_would_tell_them() -> None:
    cases: tuple[tuple[dict[str, int], dict[str, int | None]], ...] = (
        ({}, {}),
        ({"a": 5, "b": 6}, {"a": 5, "b": 6}),
        ({"a": 4, "b": 6, "c": 9}, {"a": None, "b": None, "c": 9}),
        ({"a": 1, "b": 2, "c": 9}, {"a": None, "b": None, "c": None}),
        ({"a": 3, "b": 3, "c": 9}, {"a": None, "b": None, "c": 9}),
        ({"a": 4}, {"a": None}),
    )
    assert [without_small(cells) for cells, _ in cases] == [shown for _, shown in cases]


def test_a_share_is_hidden_if_it_or_its_complement_is_small() -> None:
    assert [share(4, 20), share(5, 20), share(15, 20), share(16, 20)] == [None, 0.25, 0.75, None]


def test_a_forwarded_request_counts_for_its_category_and_structure() -> None:
    times = ("minute", "never", "three_days")
    facts = RequestFacts("technical", "asp_trapani", "chat", None, True, *times)
    found = dict(of_request(facts))
    assert found["forwarded_category"] == "technical"
    assert found["language"] == "it"
    assert tuple(found[kind] for kind in ("delivered", "taken", "answered")) == times


def turn(before: Step | None, after: Step | None, intent: str = "", **more: Any) -> set[str]:
    """Return the cells that a turn between two steps counts for."""
    ranking = {"ranking": [(intent, 0.9)]} if intent else {}
    facts = TurnFacts(
        Draft(step=before, misses=more.get("missed_before", 0)),
        Draft(step=after, misses=more.get("missed", 0)),
        is_text=not more.get("payload"),
        payload=more.get("payload"),
        signals={"reading": ranking, **more.get("signals", {})},
        replies=more.get("replies", ()),
    )
    return {" ".join(key) for key in of_turn(facts)}


def test_a_step_is_entered_answered_asked_back_or_left() -> None:
    assert turn(None, "category") == {"step_entered category"}
    assert turn("category", "structure", payload="/x") == {
        "step_answered category",
        "step_entered structure",
    }
    assert turn("structure", "structure", payload="/x") == {"step_asked_back structure"}
    assert turn("confirmation", None, payload="/affirm") == {"step_answered confirmation"}
    # A detour answers nothing, and the way back asks the same question.
    assert turn("structure", "alarm", payload="/x") == {"step_entered alarm"}
    assert "step_entered structure" not in turn("alarm", "structure", payload="/x")
    assert turn("cancel_check", None, payload="/x", signals={"cancelled": True}) == set()


def test_a_text_is_understood_asked_about_or_missed() -> None:
    assert "understood at_once" in turn(None, None, "greet")
    assert "understood asked" in turn(None, None, "nlu_fallback", signals={"asked": True})
    assert "understood missed" in turn(None, None, "nlu_fallback")
    assert "understood missed" in turn("structure", "structure", "greet", missed=1)
    assert not any("understood" in key for key in turn("description", "privacy", "greet"))


def test_emergencies_count_by_tier_and_when_taken_back() -> None:
    advice = ({"text": "112", "custom": {"links": ["emergency"]}},)
    assert "emergency sure" in turn(None, "alarm", "medical_emergency", replies=advice)
    assert "emergency doubtful" in turn(None, None, "greet", replies=advice)
    assert turn("alarm", None, payload="/not_emergency") >= {"emergency taken_back"}
