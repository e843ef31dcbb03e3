"""A request goes only to a structure that its citizen has seen and confirmed."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from intercup.domain.dialogue import Draft, Outcome, Turn, advance, open_request
from intercup.services.structures.structures_file import load_directory
from tests.support.dialogue_steps import presses, says
from tests.support.paths import ROOT

DIRECTORY = load_directory(ROOT / "config" / "structures.yaml")
IDS = {structure.name: structure.id for structure in DIRECTORY.structures}
NAMES = [name for s in DIRECTORY.structures for name in (s.name, *s.aliases, *s.places)]
TYPED = ["papado", "asp trapni", "no, ragusa", "non Trapani ma Modica", "dottor Cannizzaro", "Enna"]
INTENTS = ["inform_structure", "report_booking_problem", "affirm", "deny", "nlu_fallback"]

typed = st.builds(says, st.sampled_from(INTENTS), st.sampled_from(NAMES + TYPED))
pressed = st.one_of(
    st.sampled_from(["affirm", "affirm", "affirm", "deny", "cancel", "edit_answer"]).map(presses),
    st.builds(presses, st.just("edit_answer"), field=st.sampled_from(["structure", "category"])),
    st.builds(
        presses, st.just("inform_structure"), structure=st.sampled_from(sorted(IDS.values()))
    ),
)
described = st.just(says("report_booking_problem", "la pagina resta bianca quando confermo"))
turns = st.lists(st.one_of(typed, pressed, described), max_size=25)


def shown_by(outcome: Outcome) -> set[str]:
    """The structures that the answers, the buttons or the summary of this turn name."""
    draft = outcome.draft
    named = {IDS[value] for say in outcome.say for value in say.values.values() if value in IDS}
    in_summary = {draft.structure} if draft.step == "confirmation" and draft.structure else set()
    return named | set(draft.candidates) | in_summary


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(typed, turns)
def test_nothing_is_sent_to_a_structure_that_was_not_shown(first: Turn, more: list[Turn]) -> None:
    outcome = open_request(Draft(), replace(first, intent="report_booking_problem"), DIRECTORY)
    shown = shown_by(outcome)
    for turn in [*more, *[presses("affirm")] * 4]:
        before = outcome.draft
        outcome = advance(before, turn, DIRECTORY)
        if outcome.ending == "send":
            assert before.step == "confirmation"
            assert before.structure in shown
            assert outcome.draft.structure == before.structure
        if outcome.ending:
            return
        shown |= shown_by(outcome) | ({turn.structure} if turn.structure else set())
