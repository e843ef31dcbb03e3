"""Files that must agree with each other and with what the client fixed to the letter."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from bench import plan
from bench.report import newest, with_tables
from intercup import errors
from intercup.domain.consent import CONSENTS, PRIVACY, REGULATION
from intercup.domain.dialogue import EMERGENCY, TAKEN_BACK, Draft
from intercup.domain.dialogue.draft import AddressResult, CodeResult, Step
from intercup.domain.dialogue.interruption import INTERRUPTIONS, answer_to
from intercup.domain.directory import Directory
from intercup.domain.request import DESCRIPTION_MAX, RegisteredRequest
from intercup.services.chat.inputs import category_buttons
from intercup.services.chat.render import render
from intercup.services.chat.reply_context import ReplyContext
from intercup.services.requests.lookup import RequestWithState
from intercup.settings import Settings
from intercup.texts import TEXTS
from tests.faults.__main__ import BEGIN, tables
from tests.support.code import nodes_of
from tests.support.paths import ROOT

DOMAIN = yaml.load((ROOT / "bot/domain.yml").read_text("utf-8"), yaml.CSafeLoader)
FAQ = yaml.load((ROOT / "bot/data/faq.yml").read_text("utf-8"), yaml.CSafeLoader)
RULES = (ROOT / "bot/data/rules.yml").read_text("utf-8")
NLU = (ROOT / "bot/data/nlu.yml").read_text("utf-8")
RESPONSES: dict[str, Any] = DOMAIN["responses"] | FAQ["responses"]
CODE = [*(ROOT / "intercup").rglob("*.py"), *(ROOT / "bot/actions").glob("*.py")]

ADVICE = "utter_possible_emergency"  # said by bot/engine/patches.py

INTENTS = re.findall(
    r"\w+",
    """
    request_assistance report_booking_problem ask_facility_information report_platform_problem
    report_access_problem change_booking inform_structure no_structure affirm deny edit_answer
    cancel ask_request_status ask_wrong_recipient ask_human greet goodbye thank ask_bot_identity
    ask_capabilities medical_emergency not_emergency frustration out_of_scope
    """,
)
QUESTIONS = re.findall(
    r"\w+",
    """
    what_is_intercup assistance_types how_to_book what_is_nre spid structures privacy regulation
    response_time copy_email who_handles contacts
    """,
)


def literals(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def keys_of_texts(path: Path) -> Iterator[str]:
    """Every key given to TEXTS; a part known only when it runs becomes `*`."""
    for node in nodes_of(path):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if not is_call or node.func.id != "TEXTS":  # type: ignore[attr-defined]
            continue
        key = node.args[0]  # type: ignore[attr-defined]
        if isinstance(key, ast.Constant):
            yield key.value
        elif isinstance(key, ast.JoinedStr):
            parts = key.values
            yield "".join(p.value if isinstance(p, ast.Constant) else "*" for p in parts)


def test_every_setting_is_explained_in_the_file_and_the_other_way_round() -> None:
    text = (ROOT / "config/intercup.toml").read_text("utf-8")
    written = set(re.findall(r"^#? ?([a-z_]+) = ", text, re.MULTILINE))
    assert written == set(Settings.model_fields)


def test_the_values_shown_in_the_file_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "config/intercup.toml").read_text("utf-8")
    shown = tomllib.loads(re.sub(r"^# ([a-z_]+ = )", r"\1", text, flags=re.MULTILINE))
    monkeypatch.setenv("INTERCUP_CONFIG_FILE", "/nowhere")
    settings = Settings()
    for name, value in shown.items():
        found = getattr(settings, name)
        assert (str(found) if isinstance(found, Path) else found) == value, name


def test_every_step_has_its_question() -> None:
    asked = {f"utter_ask_request_form_{step}" for step in get_args(Step.__value__)}
    assert asked <= set(RESPONSES)


def test_every_answer_of_the_flow_has_its_words() -> None:
    named = {answer_to(intent) for intent in INTERRUPTIONS}
    named |= {f"utter_structure_{kind}" for kind in ("guess", "several", "outside")}
    named |= {f"utter_faq/{question}" for question in QUESTIONS}
    named |= {f"utter_address_{r}" for r in get_args(AddressResult.__value__) if r != "sent"}
    named |= {f"utter_code_{r}" for r in get_args(CodeResult.__value__) if r != "right"}
    assert named <= set(RESPONSES)


def test_every_response_named_in_code_has_its_words() -> None:
    named = {
        (text, str(path.relative_to(ROOT)))
        for path in CODE
        for text in literals(path)
        if re.fullmatch(r"utter_[a-z_/]+[a-z]", text)
    }
    assert named
    assert sorted(pair for pair in named if pair[0] not in RESPONSES) == []


def test_every_response_named_in_rules_has_its_words() -> None:
    names = set(re.findall(r"\butter_[a-z_/]+", RULES)) - {"utter_faq"}
    assert names <= set(RESPONSES)


def test_a_question_has_the_same_answer_in_a_request_and_outside() -> None:
    """Responses are named after intents, in the rules as in the flow."""
    steps = [rule["steps"] for rule in yaml.safe_load(RULES)["rules"]]
    answers = {s[0]["intent"]: s[1]["action"] for s in steps if set(s[0]) == {"intent"}}
    for by_an_action in ("nlu_fallback", EMERGENCY, TAKEN_BACK):
        del answers[by_an_action]
    assert answers == {intent: f"utter_{intent}" for intent in answers}
    # Outside a request, asking for assistance opens one.
    assert set(answers) == (INTERRUPTIONS - {"request_assistance"}) | {"faq"}


def test_no_response_is_without_use() -> None:
    used = set(re.findall(r"\butter_[a-z_/]+", RULES))
    used |= {answer_to(intent) for intent in INTERRUPTIONS} | {ADVICE}
    used |= {text for path in CODE for text in literals(path) if text.startswith("utter_")}
    by_rasa_or_by_rule = ("utter_default", "utter_ask_request_form_", "utter_faq/")
    prefixes = (
        *by_rasa_or_by_rule,
        "utter_structure_",
        "utter_not_registered",
        "utter_address_",
        "utter_code_",
    )
    assert [n for n in RESPONSES if n not in used and not n.startswith(prefixes)] == []


def test_a_request_that_is_not_registered_says_why() -> None:
    problems = ("database_unavailable", "not_authenticated", "limited")
    assert {f"utter_not_registered_{problem}" for problem in problems} <= set(RESPONSES)


@pytest.mark.parametrize("authenticated", [True, False])
def test_the_gateway_can_draw_every_response(directory: Directory, authenticated: bool) -> None:
    draft = Draft(category="technical", structure="ao_papardo", description="m1")
    context = ReplyContext(directory, authenticated, "a@b.it", draft, {"m1": "testo"})
    drawn = ("input", "links", "menu", "show", "earlier", "again", "failed")
    variants = [(name, variant) for name in RESPONSES for variant in RESPONSES[name]]
    assert [name for name, v in variants if set(v.get("custom", ())) - set(drawn)] == []
    shown = [(n, v) for n, v in variants if v.get("custom") not in (None, {"failed": "outage"})]
    assert [name for name, variant in shown if not render([variant], context)] == []


def test_citizens_see_every_sentence_of_the_assistant(directory: Directory) -> None:
    """No sentence is one that the gateway always replaces: each would be edited in vain."""
    sent = RegisteredRequest(
        "IC-1", "technical", None, "x", "ufficio", datetime(2026, 1, 1, tzinfo=UTC)
    )
    draft = Draft(category="technical", structure="ao_papardo", description="m1")
    scene = ReplyContext(
        directory, True, "a@b.it", draft, {"m1": "testo"}, (RequestWithState(sent, "sent"),)
    )
    unseen = [
        variant["text"]
        for variants in RESPONSES.values()
        for variant in variants
        if "text" in variant and variant["text"] not in render([variant], scene)[0].text
    ]
    assert unseen == []


def test_every_payload_of_a_button_names_an_intent() -> None:
    payloads = [
        button["payload"]
        for variants in RESPONSES.values()
        for variant in variants
        for button in variant.get("buttons", ())
    ]
    payloads += [f"/{intent}" for name in ("menu", "reading") for intent in TEXTS.section(name)]
    named = {re.match(r"/([a-z_]+)", payload)[1] for payload in payloads}  # type: ignore[index]
    assert named <= {*INTENTS, "faq"}


def test_the_category_buttons_give_their_categories(directory: Directory) -> None:
    for category, button in zip(directory.categories, category_buttons(directory), strict=True):
        assert directory.category_of_intent[button["payload"].removeprefix("/")] == category.id


def test_every_key_of_a_text_exists() -> None:
    known = [
        f"{section}.{name}"
        for section in yaml.safe_load((ROOT / "intercup/texts.yaml").read_text("utf-8"))
        for name in TEXTS.section(section)
    ]
    for path in CODE:
        for key in keys_of_texts(path):
            pattern = re.escape(key).replace(r"\*", "[a-z0-9_]+")
            assert any(re.fullmatch(pattern, name) for name in known), f"{path.name}: {key}"


def test_every_error_has_its_sentence() -> None:
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass)]
    kinds = [k for k in kinds if issubclass(k, errors.ServiceError)]
    names = "|".join(kind.__name__ for kind in kinds)
    raised = re.compile(rf"raise (?:{names})\(\"([a-z_]+)\"")
    keys = {key for path in CODE for key in raised.findall(path.read_text("utf-8"))}
    assert keys
    assert keys | {"request_incomplete"} <= set(TEXTS.section("error"))
    assert {str(kind.status) for kind in kinds} <= set(TEXTS.section("title"))


def test_every_problem_of_a_request_has_its_sentence() -> None:
    keys = {
        text
        for text in literals(ROOT / "intercup/domain/request.py")
        if re.fullmatch(r"[a-z]+_(missing|unknown|short|long|malformed|unneeded)", text)
    }
    keys |= {"privacy_missing", "regulation_missing", "consent_changed"}
    # Of the form alone.
    keys |= {"structure_doubt", "category_doubt", "description_doubt", "files_sent"}
    assert keys == set(TEXTS.section("problem"))


def test_every_problem_of_a_forward_has_its_sentence() -> None:
    files = ("domain/forwarding.py", "services/requests/forward.py")
    keys = {
        text
        for path in files
        for text in literals(ROOT / "intercup" / path)
        if re.fullmatch(r"[a-z]+_(missing|unknown|long|had_it)", text)
    }
    assert keys == set(TEXTS.section("forward_problem"))


def test_every_intent_of_the_contract_is_in_the_domain_and_trained() -> None:
    trained = re.findall(r"^- intent: (\S+)", NLU, re.MULTILINE)
    assert sorted(DOMAIN["intents"]) == sorted([*INTENTS, "faq"])
    assert sorted(set(trained)) == sorted(
        [*INTENTS, *(f"faq/{question}" for question in QUESTIONS)]
    )


def test_the_consents_are_those_of_the_client_to_the_letter() -> None:
    assert PRIVACY.text == (
        "Autorizzo al trattamento dei dati per le finalità di prenotazione"
        " come da informativa privacy"
    )
    assert REGULATION.text == "Dichiaro di aver preso visione del Regolamento"


def test_a_changed_consent_has_a_new_version() -> None:
    assert {(c.id, c.version): c.sha256[:16] for c in CONSENTS} == {
        ("privacy", "2021-02-09"): "7746f1ec708c1376",
        ("regulation", "2021-02-09"): "d6db72a4b3ab7d86",
    }, "a version that citizens have accepted must keep its text: give the new text a new version"


def test_the_labels_are_those_of_the_client_to_the_letter(directory: Directory) -> None:
    assert [(c.id, c.label, c.structure_required) for c in directory.categories] == [
        (
            "technical",
            "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria",
            True,
        ),
        (
            "information",
            "Richiesta informazioni sulle prestazioni della struttura sanitaria",
            True,
        ),
        ("platform", "Assistenza generica sul sistema InterCup", False),
    ]
    assert TEXTS("input.structure") == (
        "Indica la struttura per la quale vuoi richiedere assistenza"
    )
    assert TEXTS("input.description") == "Descrizione"


def test_what_stands_for_no_structure_and_for_a_new_code_is_written_once() -> None:
    shown = [*(ROOT / "intercup").rglob("*.*"), ROOT / "bot/domain.yml"]
    texts = [p.read_text("utf-8") for p in shown if p.suffix in (".py", ".yaml", ".yml", ".html")]
    assert sum(text.count("Nessuna struttura in particolare") for text in texts) == 1
    assert sum(text.count("/edit_answer") for text in texts) == 1


def test_every_intent_has_a_title_for_the_team() -> None:
    trained = yaml.load(NLU, yaml.CSafeLoader)["nlu"]
    titles = yaml.safe_load((ROOT / "intercup/texts.yaml").read_text("utf-8"))["intent_title"]
    assert titles.keys() == {block["intent"] for block in trained if "intent" in block}


def test_every_text_is_a_text() -> None:
    sections = yaml.safe_load((ROOT / "intercup/texts.yaml").read_text("utf-8"))
    wrong = [
        f"{section}.{name}: {text!r}"
        for section, texts in sections.items()
        for name, text in texts.items()
        if not isinstance(name, str) or not isinstance(text, str)
    ]
    assert wrong == []


def test_the_figures_of_the_faults_are_those_that_were_found() -> None:
    document = (ROOT / "docs/reliability.md").read_text("utf-8")
    assert document == with_tables(document, BEGIN, tables(newest("faults")))


def test_the_figures_of_the_capacity_are_those_that_were_found() -> None:
    document = (ROOT / plan.DOCUMENT).read_text("utf-8")
    assert document == with_tables(document, plan.BEGIN, plan.tables()), "make bench ARGS=year"


def test_the_longest_description_is_the_same_wherever_it_is_said() -> None:
    """Code takes it from DESCRIPTION_MAX; sentences, documents and the widget repeat it."""
    figure = re.compile(r"\b(\d[\d.,]*)(?: caratteri| characters|; // characters, as the server)")
    told = {
        path.relative_to(ROOT).as_posix(): {
            int(re.sub(r"\D", "", found)) for found in figure.findall(path.read_text("utf-8"))
        }
        for path in (
            ROOT / "intercup/texts.yaml",
            ROOT / "intercup/web/templates/assistance_form.html",
            ROOT / "intercup/web/templates/error.html",
            ROOT / "docs/glossary.md",
            ROOT / "web-widget/src/types.ts",
        )
    }
    without = [name for name, figures in told.items() if DESCRIPTION_MAX not in figures]
    assert without == []


def test_no_code_repeats_the_longest_description() -> None:
    figure = re.compile(r"\b2[_.,]?000\b(?=.*(?:char|caratteri))", re.IGNORECASE)
    code = [
        *CODE,
        *(ROOT / "web-widget").glob("src/**/*.ts"),
        *(ROOT / "web-widget/pages").glob("*.ts"),
    ]
    found = [p.relative_to(ROOT).as_posix() for p in code if figure.search(p.read_text("utf-8"))]
    assert found == ["intercup/domain/request.py", "web-widget/src/types.ts"]


def test_no_template_names_an_administration() -> None:
    named = [
        str(path.relative_to(ROOT))
        for folder in ("intercup/web/templates", "intercup/identity/templates")
        for path in (ROOT / folder).glob("*.html")
        if re.search(r"InterCup|Sicilia", path.read_text("utf-8"))
    ]
    assert named == [], "config/administration.yaml has the names"
