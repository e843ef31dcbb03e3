"""Rasa's replies as the citizen sees them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from intercup.domain.consent import CONSENTS
from intercup.domain.delivery import DeliveryState
from intercup.domain.dialogue import Draft, Heard, Turn, advance
from intercup.domain.directory import Directory
from intercup.domain.forwarding import Hop
from intercup.domain.office_state import Marked, OfficeState
from intercup.domain.request import RegisteredRequest
from intercup.services.chat import payloads
from intercup.services.chat.conversations import Message
from intercup.services.chat.rasa_client import as_plain_text
from intercup.services.chat.render import render, signals_of
from intercup.services.chat.reply_context import ReplyContext
from intercup.services.requests.lookup import RequestWithState
from intercup.texts import TEXTS

DRAFT = Draft(category="technical", structure="ao_papardo", description="m1")


@pytest.fixture
def context(directory: Directory) -> ReplyContext:
    return ReplyContext(directory, True, "agata@example.it", DRAFT, {"m1": "Il sito si blocca."})


def drawn(context: ReplyContext, **custom: Any) -> Message:
    (message,) = render([{"text": "Testo", "custom": custom}], context)
    return message


def test_a_custom_part_belongs_to_the_text_before_it(context: ReplyContext) -> None:
    replies = [{"text": "uno"}, {"text": "due"}, {"custom": {"links": ["form"]}}]
    first, second = render(replies, context)
    assert first.links == ()
    assert [link["href"] for link in second.links] == ["/assistenza"]


def test_signals_are_collected_from_all_replies() -> None:
    replies = [{"text": "uno", "custom": {"draft": {}}}, {"text": "due"}, {"custom": {"ended": 1}}]
    assert signals_of(replies) == {"draft": {}, "ended": 1}


def test_the_structures_are_offered_by_province(
    context: ReplyContext, directory: Directory
) -> None:
    select = drawn(context, input="structure").input
    assert select is not None
    offered = [option for group in select["groups"] for option in group["options"]]
    assert len(offered) == len(directory.structures)
    assert select["groups"][0]["label"] == "Provincia di Agrigento"
    assert select["groups"][0]["options"][0]["line"].startswith("Sciacca, Canicattì")
    lines = {option["title"]: option["line"] for option in offered}
    assert "Ospedale Noto, Lentini" in lines["ASP Siracusa"]
    assert '/inform_structure{"structure": "ao_papardo"}' in {o["payload"] for o in offered}


def test_candidates_come_as_buttons(directory: Directory) -> None:
    context = ReplyContext(
        directory, True, draft=Draft(category="technical", candidates=("asp_ragusa",))
    )
    assert [b["title"] for b in drawn(context, input="structure").buttons] == ["ASP Ragusa"]


@pytest.mark.parametrize(
    ("structure", "texts", "named"),
    [
        ("asp_agrigento", ["all'ospedale di sciacca"], "Sciacca"),
        ("asp_agrigento", ["Agrigentto"], None),
        ("asp_siracusa", ["Buongiorno", "Sono all'Ospedale di Noto"], "Ospedale Noto"),
        ("asp_siracusa", ["In ospedale, come le avrei già noto, si blocca"], None),
        ("asp_siracusa", ["Vado in ospedale", "Noto un errore"], None),
    ],
)
def test_a_structure_proposed_for_a_place_names_it_if_one_text_has_its_words_in_a_row(
    directory: Directory, structure: str, texts: list[str], named: str | None
) -> None:
    draft = Draft(category="technical", candidates=(structure,))
    said = {str(number): text for number, text in enumerate(texts)}
    context = ReplyContext(directory, True, draft=draft, texts=said)
    sentence = (
        TEXTS("chat.structure_of_place", place=named) if named else TEXTS("chat.this_structure")
    )
    assert drawn(context, input="structure").text == sentence


def test_only_an_optional_structure_can_be_left_out(directory: Directory) -> None:
    context = ReplyContext(directory, True, draft=Draft(category="platform"))
    assert [b["payload"] for b in drawn(context, input="structure").buttons] == ["/no_structure"]


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda consent: consent.id)
def test_a_consent_shows_its_sentence_and_its_document(context: ReplyContext, consent: Any) -> None:
    shown = drawn(context, input=consent.id).input
    assert shown is not None
    assert (shown["label"], shown["link"]["href"]) == (consent.text, consent.href)
    assert (shown["accept"]["payload"], shown["refuse"]["payload"]) == ("/affirm", "/deny")


def test_the_summary_says_who_receives_what(context: ReplyContext) -> None:
    summary = drawn(context, input="summary").input
    assert summary is not None
    assert [row["value"] for row in summary["rows"]] == [
        "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria",
        "A.O. Papardo di Messina",
        "A.O. Papardo di Messina - Assistenza tecnica",
        "Il sito si blocca.",
        "agata@example.it",
    ]
    assert [row.get("edit", {}).get("payload") for row in summary["rows"]] == [
        '/edit_answer{"field": "category"}',
        '/edit_answer{"field": "structure"}',
        None,
        '/edit_answer{"field": "description"}',
        '/edit_answer{"field": "address"}',
    ]


def test_everything_drawn_can_be_sent_back(context: ReplyContext) -> None:
    offers = drawn(context, input="summary", menu=True).offers
    assert {"/affirm", "/cancel", '/edit_answer{"field": "structure"}'} <= set(offers)
    assert "/report_booking_problem" in offers


def test_the_first_message_is_offered_as_the_description(directory: Directory) -> None:
    context = ReplyContext(
        directory, True, draft=Draft(first_message="m0"), texts={"m0": "Ho scritto così"}
    )
    message = drawn(context, input="description")
    assert "Ho scritto così" in message.text
    assert [button["payload"] for button in message.buttons] == ["/affirm"]


def test_the_menu_depends_on_the_login(directory: Directory) -> None:
    before = drawn(ReplyContext(directory, False), menu=True).offers
    after = drawn(ReplyContext(directory, True), menu=True).offers
    assert "/report_access_problem" in before
    assert len(after) == 3


def test_a_mailbox_link_carries_what_was_written(directory: Directory) -> None:
    text = "Perché & come?\nseconda riga"
    context = ReplyContext(directory, False, draft=Draft(first_message="m0"), texts={"m0": text})
    (link,) = drawn(context, links=["mail_home"]).links
    assert link["href"].startswith("mailto:intercup@regione.sicilia.it?subject=")
    assert unquote(link["href"].partition("&body=")[2]) == text.replace("\n", "\r\n")


def test_before_login_only_the_requests_of_the_chat_are_listed(directory: Directory) -> None:
    when = datetime(2025, 8, 1, tzinfo=UTC)
    request = RegisteredRequest("IC-1", "technical", None, {"description": "x"}, "ufficio", when)
    entry = RequestWithState(request, "sent")
    known = ReplyContext(directory, True, requests=(entry,))
    assert "IC-1" in drawn(known, show="requests").text
    before_login = ReplyContext(directory, False, requests=())
    assert drawn(before_login, show="requests").text == TEXTS("chat.requests_need_login")


def test_a_request_that_was_forwarded_says_where_it_is_now(directory: Directory) -> None:
    when = datetime(2025, 8, 1, 23, 30, tzinfo=UTC)
    request = RegisteredRequest("IC-1", "technical", None, {"description": "x"}, "ufficio", when)
    hops = (Hop("ufficio", "secondo ufficio", when), Hop("secondo ufficio", "terzo ufficio", when))
    context = ReplyContext(directory, True, requests=(RequestWithState(request, "sent", hops),))
    text = drawn(context, show="requests").text
    assert "Inoltrata a terzo ufficio il 02/08/2025" in text
    assert TEXTS("state.sent") in text
    assert "secondo ufficio" not in text


@pytest.mark.parametrize(
    ("state", "is_awaited"),
    [(None, True), (OfficeState.TAKEN, True), (OfficeState.ANSWERED, False)],
)
def test_a_listed_request_has_office_day_and_whether_an_answer_is_awaited(
    directory: Directory, state: OfficeState | None, is_awaited: bool
) -> None:
    when = datetime(2025, 8, 1, tzinfo=UTC)
    request = RegisteredRequest("IC-1", "technical", None, {"description": "x"}, "ufficio", when)
    marked = Marked(state, when) if state else None
    entry = RequestWithState(request, DeliveryState.SENT, marked=marked)
    text = drawn(ReplyContext(directory, True, requests=(entry,)), show="requests").text
    assert "Inviata il 01/08/2025, per ufficio." in text
    assert ("Non risulta ancora una risposta" in text) is is_awaited


def test_a_receipt_has_number_office_copy_and_state(directory: Directory) -> None:
    when = datetime(2025, 8, 1, tzinfo=UTC)
    request = RegisteredRequest("IC-1", "technical", None, {"description": "x"}, "ufficio", when)
    entry = RequestWithState(request, DeliveryState.QUEUED)
    context = ReplyContext(
        directory, True, "agata@example.it", requests=(entry,), draft_mark="0a1b"
    )
    receipt = drawn(context, show="receipt").input
    assert receipt
    assert (receipt["type"], receipt["number"]) == ("receipt", "IC-1")
    assert [row["value"] for row in receipt["rows"]] == ["ufficio", "agata@example.it"]
    assert receipt["state"] == TEXTS("state.queued")
    assert [each["href"] for each in drawn(context, show="receipt").links] == [
        "/richieste/IC-1#aggiungi"
    ]
    assert [each["href"] for each in drawn(context, earlier=True).links] == [
        "/richieste/IC-1?dalla-chat=0a1b#aggiungi"
    ]
    assert drawn(replace(context, authenticated=False), earlier=True).links == ()
    assert drawn(replace(context, requests=()), earlier=True).links == ()
    assert drawn(replace(context, requests=()), show="receipt").input is None
    (link,) = drawn(replace(context, authenticated=False), show="receipt").links
    assert link["href"] == "/richieste/IC-1"


def test_a_text_that_was_too_short_comes_back(context: ReplyContext) -> None:
    for again in (True, False):
        asked = drawn(replace(context, again=again), input="description").input
        assert asked and asked.get("again", False) == again


@pytest.mark.parametrize(
    ("draft", "address"),
    [
        (DRAFT, "f.dantonino@ads.it"),
        (replace(DRAFT, category="platform", structure=None), "InterCupassistenza@almaviva.it"),
    ],
)
def test_without_consent_the_mailbox_is_the_one_of_the_requests_office(
    directory: Directory, draft: Draft, address: str
) -> None:
    (link,) = drawn(ReplyContext(directory, True, draft=draft), links=["mail_platform"]).links
    assert link["href"].startswith(f"mailto:{address}?")


def test_a_category_has_few_words_above_its_exact_label(context: ReplyContext) -> None:
    titles = [category.label for category in context.directory.categories]
    buttons = drawn(replace(context, draft=Draft()), menu=True).buttons
    assert [button["title"] for button in buttons] == titles
    assert all(len(button["short"]) < 40 and button["line"] for button in buttons)


def test_the_list_of_structures_comes_from_the_configuration(
    context: ReplyContext, directory: Directory
) -> None:
    text = drawn(context, show="structures").text
    assert [line.removeprefix("• ") for line in text.splitlines()[1:]] == [
        structure.name for structure in directory.structures
    ]


@pytest.mark.parametrize(
    ("category", "structure", "heard", "payloads"),
    [
        ("technical", "asp_trapani", Heard("m1", ("asp_ragusa",), "technical"),
         ['/inform_structure{"structure": "asp_ragusa"}']),
        ("technical", "asp_ragusa", Heard("m1", ("asp_ragusa",), "technical"), []),
        ("technical", "asp_trapani", Heard("m1", ("asp_ragusa", "asp_trapani"), None), []),
        ("technical", "asp_trapani", Heard("m1", (), "access"), ["/report_platform_problem"]),
        ("information", "asp_trapani", Heard("m1", (), "platform"), ["/report_platform_problem"]),
        ("platform", "none", Heard("m1", (), "technical"), ["/report_booking_problem"]),
        ("technical", "asp_trapani", Heard("m1", (), "information"), ["/ask_facility_information"]),
        ("information", "asp_trapani", Heard("m1", (), "technical"), ["/report_booking_problem"]),
        ("platform", "none", Heard("m1", ("asp_ragusa",), "platform"), []),
        ("platform", "none", Heard("m1", (), None), []),
        ("technical", "asp_trapani", Heard("m0", ("asp_ragusa",), "access"), []),
    ],
)  # fmt: skip
def test_the_summary_points_out_what_may_go_to_the_wrong_office(
    directory: Directory, category: str, structure: str, heard: Heard, payloads: list[str]
) -> None:
    draft = Draft(category, structure, "m1", heard=(heard,))
    message = drawn(ReplyContext(directory, True, "a@b.it", draft, {"m1": "x"}), input="summary")
    assert [button["payload"] for button in message.buttons] == payloads
    assert ("Attenzione" in message.text) == bool(payloads)


@pytest.mark.parametrize(
    ("topic", "possible", "hint"),
    [
        ("technical", ("technical",), None),
        (
            "technical",
            ("technical", "platform"),
            "A «Problema del sito InterCup» risponde invece Presidio tecnico InterCup (RTI)."
            " Se è il suo caso, prema «Modifica».",
        ),
        ("platform", ("platform", "technical"), None),  # A doubt of its own names the office.
        ("technical", ("technical", "gone"), None),
    ],
)
def test_the_summary_names_another_office_that_is_possible(
    directory: Directory, topic: str, possible: tuple[str, ...], hint: str | None
) -> None:
    draft = replace(DRAFT, heard=(Heard("m1", topic=topic, possible=possible),))
    drawn_input = drawn(ReplyContext(directory, True, "a@b.it", draft, {}), input="summary").input
    assert drawn_input is not None
    office = drawn_input["rows"][2]
    assert office["label"] == TEXTS("summary.office")
    assert office.get("hint") == hint
    assert ("edit" in office) is (hint is not None)


def test_before_login_the_summary_shows_neither_structure_nor_category_to_edit(
    directory: Directory,
) -> None:
    draft = Draft("access", None, "m1", address="proved")
    summary = drawn(
        ReplyContext(directory, False, "a@b.it", draft, {"m1": "x"}), input="summary"
    ).input
    assert summary is not None
    assert [row["value"] for row in summary["rows"]] == [
        "Problemi di accesso o utilizzo della piattaforma InterCup",
        "Presidio tecnico InterCup (accesso)",
        "x",
        "a@b.it",
    ]
    assert [row.get("edit", {}).get("payload") for row in summary["rows"]] == [
        None,
        None,
        '/edit_answer{"field": "description"}',
        '/edit_answer{"field": "address"}',
    ]
    # The page's facts go along; files don't, and the page's structure has no part in it.
    assert (summary["files"]["most"], summary["files"]["structure"]) == (0, "")


def test_a_mail_to_send_alone_holds_what_was_written(directory: Directory) -> None:
    context = ReplyContext(directory, False, None, Draft(first_message="m0"), {"m0": "Non entro."})
    mail = drawn(context, input="mail").input
    assert mail is not None
    assert mail["to"] == directory.home_mailbox
    assert "Non entro." in mail["body"]
    assert unquote(mail["open"]["href"]).endswith(mail["body"].replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ciao", "ciao"),
        ("/restart", "restart"),
        (" / / /affirm", "affirm"),
        ('/inform_structure{"structure": "asp_trapani"}', "?"),
        ('/edit_answer {"field": "code"}', "?"),
        ("/medical_emergency", "?"),
        ("/aiuto non respira", "aiuto non respira"),
        ("a\n\tb", "a b"),
        ("///", "?"),
        ("", "?"),
    ],
)
def test_no_text_is_read_as_a_command(text: str, seen: str) -> None:
    assert as_plain_text(text) == seen


def test_while_a_question_is_open_no_first_choices_are_offered(directory: Directory) -> None:
    asking = ReplyContext(directory, True, draft=Draft(step="structure"))
    assert drawn(asking, menu=True).buttons == ()


def test_whoever_is_logged_in_is_not_sent_to_the_login(directory: Directory) -> None:
    links = ["login", "form"]
    assert [a["href"] for a in drawn(ReplyContext(directory, True), links=links).links] == [
        "/assistenza"
    ]
    assert len(drawn(ReplyContext(directory, False), links=links).links) == 2


def test_two_messages_of_one_description_are_shown_as_two_lines(directory: Directory) -> None:
    texts = {"m1": "Prima riga.", "m2": "Seconda riga."}
    draft = Draft("technical", "ao_papardo", "m1 m2")
    summary = drawn(ReplyContext(directory, True, "a@b.it", draft, texts), input="summary").input
    assert summary is not None
    assert "Prima riga.\nSeconda riga." in [row["value"] for row in summary["rows"]]


def test_a_summary_whose_structure_has_left_the_file_asks_for_another(
    context: ReplyContext,
) -> None:
    message = drawn(replace(context, draft=replace(DRAFT, structure=None)), input="summary")
    assert message.input is not None
    assert message.input["type"] == "select"


def test_a_summary_whose_category_has_left_the_file_asks_for_another(
    context: ReplyContext,
) -> None:
    message = drawn(replace(context, draft=replace(DRAFT, category=None)), input="summary")
    assert len(message.buttons) == 3


@pytest.mark.parametrize(
    ("drawing", "draft"),
    [
        ("category", Draft(step="category")),
        ("category", Draft(step="category", rivals=("technical", "platform"))),
        ("category", Draft(step="category", rivals=("information", "technical"))),
        ("office", replace(DRAFT, step="office")),
        ("office", replace(DRAFT, step="office", structure="none", category="platform")),
    ],
)
def test_a_number_means_the_button_at_its_place(
    directory: Directory, drawing: str, draft: Draft
) -> None:
    shown = drawn(ReplyContext(directory, True, draft=draft), input=drawing).buttons
    by_payload = {payloads.choose(each): each.id for each in directory.categories}
    offered = [by_payload[b["payload"]] for b in shown if b["payload"] in by_payload]
    typed = [
        advance(draft, Turn("nlu_fallback", text=str(n + 1), length=1), directory).draft.category
        for n in range(len(offered))
    ]
    assert typed == offered
