"""Turn Rasa's replies into messages: draw inputs, lists and links from the configuration and draft.

Rasa's `custom` signals: `draft` what was collected; `ended` the request is sent or cancelled;
`cancelled` its text must go; `input` a rich input; `menu` the first choices; `links` link names;
`show: requests`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from intercup.domain.consent import PRIVACY, REGULATION, ConsentText
from intercup.domain.dialogue import NO_STRUCTURE
from intercup.domain.directory import Directory
from intercup.domain.text import DESCRIPTION_MAX, DESCRIPTION_MIN
from intercup.services.conversations import Line, Message
from intercup.services.requests import RequestWithState
from intercup.texts import TEXTS

CATEGORY_PAYLOADS = {
    "technical": "/report_booking_problem",
    "information": "/ask_facility_information",
    "platform": "/report_platform_problem",
}
MAILTO_BODY_MAX = 1_500  # characters; some mail programs cut longer links


@dataclass(frozen=True)
class Scene:
    """What a reply is drawn from. `texts` are the citizen's own, by message id."""

    directory: Directory
    authenticated: bool
    email: str | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    requests: tuple[RequestWithState, ...] = ()


def signals_of(replies: list[dict[str, Any]]) -> dict[str, Any]:
    """Collect the `custom` parts of all replies."""
    found: dict[str, Any] = {}
    for reply in replies:
        found.update(reply.get("custom") or {})
    return found


def render(replies: list[dict[str, Any]], scene: Scene) -> list[Message]:
    """Return the messages that the citizen sees."""
    messages: list[Message] = []
    for reply in replies:
        if reply.get("text"):
            buttons = tuple(
                {"title": button["title"], "payload": button["payload"]}
                for button in reply.get("buttons") or ()
            )
            messages.append(Message(reply["text"], buttons=buttons))
        if messages:
            messages[-1] = _with_signals(messages[-1], reply.get("custom") or {}, scene)
    return messages


def _with_signals(message: Message, custom: dict[str, Any], scene: Scene) -> Message:
    if custom.get("menu"):
        message = replace(message, buttons=message.buttons + menu_buttons(scene))
    if custom.get("show") == "requests":
        message = replace(message, text=_requests_text(scene))
    if custom.get("links"):
        links = tuple(_link(name, scene) for name in custom["links"])
        message = replace(message, links=message.links + links)
    if custom.get("input"):
        message = _INPUTS[custom["input"]](message, scene)
    return message


def menu_buttons(scene: Scene) -> tuple[dict[str, str], ...]:
    """Return the first choices: the three categories after login, the access problem before."""
    if scene.authenticated:
        return category_buttons(scene.directory)
    return tuple(
        {"title": title, "payload": f"/{intent}"} for intent, title in TEXTS.section("menu").items()
    )


def category_buttons(directory: Directory) -> tuple[dict[str, str], ...]:
    """Return a button for each category, with its exact label."""
    return tuple(
        {"title": category.label, "payload": CATEGORY_PAYLOADS[category.id]}
        for category in directory.categories
    )


def _category_input(message: Message, scene: Scene) -> Message:
    return replace(message, buttons=category_buttons(scene.directory))


def _structure_input(message: Message, scene: Scene) -> Message:
    directory = scene.directory
    candidates = [directory.structure_by_id[id_] for id_ in scene.draft.get("candidates") or ()]
    buttons = [_structure_choice(structure.id, structure.name) for structure in candidates]
    category = directory.category_by_id.get(scene.draft.get("category") or "")
    if category and not category.structure_required:
        buttons.append({"title": TEXTS("input.no_structure"), "payload": "/no_structure"})
    groups = [
        {
            "label": province,
            "options": [_structure_choice(s.id, s.name) for s in structures],
        }
        for province, structures in directory.structures_by_province
    ]
    label = TEXTS("input.structure")
    select = {"type": "select", "label": label, "required": True, "groups": groups}
    return replace(message, buttons=tuple(buttons), input=select)


def _structure_choice(id_: str, name: str) -> dict[str, str]:
    return {"title": name, "payload": f'/inform_structure{{"structure": "{id_}"}}'}


def _description_input(message: Message, scene: Scene) -> Message:
    first = scene.texts.get(scene.draft.get("first_message") or "")
    if first:
        text = f"{message.text}\n{TEXTS('chat.first_message', text=first)}"
        button = {"title": TEXTS("input.use_first_message"), "payload": "/affirm"}
        message = replace(message, text=text, buttons=(button,))
    return replace(
        message,
        input={
            "type": "textarea",
            "label": TEXTS("input.description"),
            "hint": TEXTS("input.description_hint"),
            "min": DESCRIPTION_MIN,
            "max": DESCRIPTION_MAX,
        },
    )


def _consent_input(consent: ConsentText) -> Callable[[Message, Scene], Message]:
    def draw(message: Message, _scene: Scene) -> Message:
        return replace(
            message,
            input={
                "type": "consent",
                "label": consent.text,
                "link": {"title": consent.link_text, "href": consent.href},
                "accept": {"title": TEXTS("input.accept"), "payload": "/affirm"},
                "refuse": {"title": TEXTS("input.refuse"), "payload": "/deny"},
            },
        )

    return draw


def _summary_input(message: Message, scene: Scene) -> Message:
    directory, draft = scene.directory, scene.draft
    structure_id = draft["structure"] if draft["structure"] != NO_STRUCTURE else None
    structure = directory.structure_by_id[structure_id] if structure_id else None
    rows = [
        ("category", directory.category_by_id[draft["category"]].label),
        ("structure", structure.name if structure else TEXTS("input.no_structure")),
        ("office", directory.office_for(draft["category"], structure_id).name),
        ("description", scene.texts.get(draft["description"], "")),
        ("copy", scene.email or ""),
    ]
    return replace(
        message,
        input={
            "type": "summary",
            "title": TEXTS("input.summary"),
            "rows": [_summary_row(name, value) for name, value in rows],
            "send": {"title": TEXTS("input.send"), "payload": "/affirm"},
            "cancel": {"title": TEXTS("input.cancel"), "payload": "/cancel"},
        },
    )


def _summary_row(name: str, value: str) -> dict[str, Any]:
    row: dict[str, Any] = {"label": TEXTS(f"input.summary_{name}"), "value": value}
    if name in ("category", "structure", "description"):
        payload = f'/edit_answer{{"field": "{name}"}}'
        row["edit"] = {"title": TEXTS(f"input.edit_{name}"), "payload": payload}
    return row


def _rating_input(message: Message, _scene: Scene) -> Message:
    stars = [
        {"title": TEXTS(f"input.star_{count}"), "payload": f"rating:{count}"}
        for count in range(1, 6)
    ]
    skip = {"title": TEXTS("input.skip_rating"), "payload": "rating:skip"}
    rating = {"type": "rating", "label": TEXTS("input.rating"), "options": stars, "skip": skip}
    return replace(message, input=rating)


_INPUTS: dict[str, Callable[[Message, Scene], Message]] = {
    "category": _category_input,
    "structure": _structure_input,
    "description": _description_input,
    "privacy": _consent_input(PRIVACY),
    "regulation": _consent_input(REGULATION),
    "summary": _summary_input,
    "rating": _rating_input,
}


def _requests_text(scene: Scene) -> str:
    if not scene.authenticated:
        return TEXTS("chat.requests_need_login")
    if not scene.requests:
        return TEXTS("chat.no_requests")
    lines = [
        TEXTS(
            "chat.request_line",
            number=entry.request.number,
            category=scene.directory.category_by_id[entry.request.category].subject,
            state=TEXTS(f"state.{entry.state}"),
        )
        for entry in scene.requests[:5]
    ]
    return "\n".join([TEXTS("chat.requests"), *lines])


def _link(name: str, scene: Scene) -> dict[str, str]:
    directory = scene.directory
    addresses = {"mail_home": directory.home_mailbox, "mail_platform": directory.platform_mailbox}
    if name in addresses:
        address = addresses[name]
        href = f"mailto:{address}?subject={quote(TEXTS('link.mail_subject'))}"
        written = scene.texts.get(scene.draft.get("first_message") or "", "")
        if written:
            href += f"&body={quote(written[:MAILTO_BODY_MAX])}"
        return {"title": TEXTS(f"link.{name}", mailbox=address), "href": href}
    hrefs = {
        "login": "/accedi",
        "form": "/assistenza",
        "requests": "/richieste",
        "emergency": "tel:112",
    }
    return {"title": TEXTS(f"link.{name}"), "href": hrefs[name]}


def unavailable(directory: Directory) -> Line:
    """Return what is said, but not stored, when Rasa doesn't answer: true, with two other ways."""
    scene = Scene(directory, authenticated=False)
    return Line(
        TEXTS("chat.unavailable", mailbox=directory.home_mailbox),
        links=(_link("form", scene), _link("mail_home", scene)),
        created_at=time.time(),
    )
