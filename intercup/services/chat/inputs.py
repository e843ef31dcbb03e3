"""The parts under a reply: rich inputs, each also answerable by typing, and links."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from intercup.domain.attachment import FILE_MAX, FILES_MAX
from intercup.domain.consent import PRIVACY, REGULATION, ConsentText
from intercup.domain.dialogue import (
    ACCESS,
    NO_STRUCTURE,
    Draft,
    Misroute,
    categories_shown,
    editable_fields,
    misroutes,
    offices_shown,
    others_possible,
)
from intercup.domain.dialogue.draft import Field
from intercup.domain.directory import Category, Directory, Structure
from intercup.domain.mailbox import is_mailbox
from intercup.domain.request import OPTIONAL_FIELDS, TEXT_FIELDS, texts_of
from intercup.domain.structure_names import words_of
from intercup.languages.visitor import isolated
from intercup.services.chat import payloads
from intercup.services.chat.conversations import Message
from intercup.services.chat.reply_context import ReplyContext
from intercup.services.chat.words import label_of, part_of, state_words
from intercup.services.requests.doubts import facts_of, office_of
from intercup.texts import TEXTS, spoken_words, told

CHOSEN = ("best_time", "relation")  # optional fields with a list of answers, kept in Italian
MAILTO_BODY_MAX = 1_500  # characters; some mail programs cut longer links
FROM_CHAT = "dalla-chat"  # in a query: the mark of the draft whose text is to be added
HREFS = {
    "login": "/accedi",
    "form": "/assistenza",
    "optional": "/assistenza/altri-dati",
    "requests": "/richieste",
    "privacy": "/privacy",
    "regulation": "/regolamento",
    "emergency": "tel:112",
}


def draw_input(name: str, message: Message, context: ReplyContext) -> Message:
    """Add the input with this name to the message."""
    return _INPUTS[name](message, context)


def category_buttons(directory: Directory) -> tuple[dict[str, str], ...]:
    """Return a button for each category, with its exact label."""
    return tuple(
        _category_choice(category, label_of(category)) for category in directory.categories
    )


def _category_choice(category: Category, title: str) -> dict[str, str]:
    choice = {"title": title, "payload": payloads.choose(category)}
    parts = {part: part_of(category, part) for part in ("short", "line")}
    return choice | (parts if category.short else {})


def _category_input(message: Message, context: ReplyContext) -> Message:
    """Offer all categories; two that are about as likely come first, with who would answer."""
    directory, draft = context.directory, context.draft

    def title(category: Category) -> str:
        if category.id not in draft.rivals:
            return label_of(category)
        office = office_of(category, draft.structure, directory, told)
        return told("input.answered_by", category=label_of(category), office=office)

    shown = categories_shown(draft, directory)
    return replace(message, buttons=tuple(_category_choice(each, title(each)) for each in shown))


def _structure_input(message: Message, context: ReplyContext) -> Message:
    directory = context.directory
    candidates = [directory.structure_by_id[id_] for id_ in context.draft.candidates]
    buttons = [_structure_choice(structure.id, structure.name) for structure in candidates]
    category = directory.category_by_id.get(context.draft.category or "")
    if category and not category.structure_required:
        buttons.append({"title": told("input.no_structure"), "payload": payloads.NO_STRUCTURE})
    groups = [
        {
            "label": told("input.province", province=province),
            "options": [
                _structure_choice(s.id, s.name) | {"line": ", ".join(s.places_shown)}
                for s in structures
            ],
        }
        for province, structures in directory.structures_by_province
    ]
    label = told("input.structure")
    if candidates:
        message = replace(message, text=_proposal(candidates, context), text_language=None)
    select = {
        "type": "select",
        "label": label,
        "required": True,
        "groups": groups,
        "cancel": {"title": told("input.cancel"), "payload": payloads.CANCEL},
    }
    return replace(message, buttons=tuple(buttons), input=select)


def _proposal(candidates: list[Structure], context: ReplyContext) -> str:
    """Return the sentence above the proposed structures; it tells why one is, if by a place."""
    if len(candidates) > 1:
        return told("chat.these_structures")
    said = [_spaced(text) for text in context.texts.values()]
    named = [p for p in candidates[0].places if any(_spaced(p) in text for text in said)]
    if not named:
        return told("chat.this_structure")
    return told("chat.structure_of_place", place=isolated(max(named, key=len)))


def _spaced(text: str) -> str:
    """Return the text's words, each between spaces."""
    return f" {' '.join(words_of(text))} "


def _structure_choice(id_: str, name: str) -> dict[str, str]:
    return {"title": name, "payload": payloads.name_structure(id_)}


def _description_input(message: Message, context: ReplyContext) -> Message:
    first = context.text_of(context.draft.first_message)
    if first:
        text = f"{message.text}\n{told('chat.first_message', text=first)}"
        button = {"title": told("input.use_first_message"), "payload": payloads.YES}
        message = replace(message, text=text, buttons=(button,))
    return replace(
        message,
        input={
            "type": "textarea",
            "label": told("input.description"),
            "hint": told("input.description_hint"),
            **({"again": True} if context.again else {}),
        },
    )


def _consent_input(consent: ConsentText) -> Callable[[Message, ReplyContext], Message]:
    """Show the sentence that counts, in Italian, with a translation beneath it."""

    def draw(message: Message, _scene: ReplyContext) -> Message:
        beneath = spoken_words(f"consent.{consent.id}", consent.text)
        link_text = spoken_words(f"consent_link.{consent.id}", consent.link_text)
        return replace(
            message,
            input={
                "type": "consent",
                "label": consent.text,
                **({"translation": beneath} if beneath != consent.text else {}),
                "link": {"title": link_text, "href": consent.href},
                "accept": {"title": told("input.accept"), "payload": payloads.YES},
                "refuse": {"title": told("input.refuse"), "payload": payloads.NO},
            },
        )

    return draw


def _summary_input(message: Message, context: ReplyContext) -> Message:
    directory, draft = context.directory, context.draft
    structure_id = draft.structure if draft.structure != NO_STRUCTURE else None
    structure = directory.structure_by_id[structure_id] if structure_id else None
    category = directory.category_by_id.get(draft.category or "")
    if category is None:  # It has just left the file: the citizen chooses again first.
        return _category_input(message, context)
    if category.structure_required and structure is None:
        return _structure_input(message, context)
    rows = [
        ("category", label_of(category)),
        ("structure", structure.name if structure else told("input.no_structure")),
        ("office", directory.office_for(category.id, structure_id).name),
        *((name, context.text_of(ids)) for name, ids in texts_of(draft).items()),
        *((name, _chosen_words(name, value)) for name, value in context.optional.items() if value),
        ("copy", context.email or ""),
    ]
    if category.id == ACCESS:
        rows = [row for row in rows if row[0] != "structure"]
    summary: dict[str, Any] = {
        "type": "summary",
        "title": told("input.summary"),
        "rows": [_summary_row(name, value, draft, directory) for name, value in rows],
        "send": {"title": told("input.send"), "payload": payloads.YES},
        "cancel": {"title": told("input.cancel"), "payload": payloads.CANCEL},
    }
    if context.authenticated and draft.category != ACCESS:
        message = replace(message, links=(*message.links, link("optional", context)))
    if context.authenticated or draft.category == ACCESS:
        summary["files"] = _files_input(context)
    return _with_doubts(replace(message, input=summary), context)


def _chosen_words(field: str, value: str) -> str:
    """Return an optional answer in the visitor's language, if it was chosen from a list."""
    if field not in CHOSEN:
        return value
    keys = (key for key, offered in TEXTS.section(field).items() if offered == value)
    return next((told(f"{field}.{key}") for key in keys), value)


def _files_input(context: ReplyContext) -> dict[str, Any]:
    structure = context.directory.structure_by_id.get(context.page_structure or "")
    # An office must not read of another structure, which the citizen has refused.
    is_refused = structure and context.draft.structure not in (structure.id, NO_STRUCTURE)
    # Before login no file is taken: the summary shows what the page knows only.
    is_visitor = context.draft.category == ACCESS
    return {
        "draft": context.draft_mark,
        "structure": structure.name if structure and not is_refused else "",
        "most": 0 if is_visitor else FILES_MAX,
        "largest": FILE_MAX,
        **{name: told(f"file.{name}") for name in ("optional", "hint", "add")},
        **{name: told(f"file_problem.{name}") for name in ("many", "large")},
    }


def _with_doubts(message: Message, context: ReplyContext) -> Message:
    """Add the likely misroutes, with a button for each change."""
    draft, directory = context.draft, context.directory
    for doubt in misroutes(draft, directory):
        text = told(f"misroute.{doubt.kind}", **_facts_of(doubt, draft, directory))
        buttons = tuple(_change(doubt, id_, directory) for id_ in doubt.changes)
        message = replace(
            message, text=f"{message.text}\n{text}", buttons=message.buttons + buttons
        )
    return message


def _facts_of(doubt: Misroute, draft: Draft, directory: Directory) -> dict[str, str]:
    facts = facts_of(doubt, draft.structure, directory, told)
    if doubt.kind == "structure":
        return facts
    return facts | {"label": label_of(directory.category_by_id[doubt.changes[0]])}


def _change(doubt: Misroute, id_: str, directory: Directory) -> dict[str, str]:
    if doubt.kind == "structure":
        choice = _structure_choice(id_, directory.structure_by_id[id_].name)
    else:
        category = directory.category_by_id[id_]
        choice = {"title": label_of(category), "payload": payloads.choose(category)}
    return choice | {"title": told("misroute.change", to=choice["title"])}


def _summary_row(name: str, value: str, draft: Draft, directory: Directory) -> dict[str, Any]:
    group = "request" if name in (*TEXT_FIELDS, *OPTIONAL_FIELDS) else "summary"
    row: dict[str, Any] = {"label": told(f"{group}.{name}"), "value": value}
    if name in OPTIONAL_FIELDS:
        row["optional"] = True  # for a cancel, which deletes it
    if name == "description":
        row["hint"] = told("input.description_hint")
    for field in editable_fields(draft):
        if name == ("copy" if field == "address" else field):
            row["edit"] = _edit_button(field)
    others = others_possible(draft, directory) if name == "office" else ()
    if others:
        sentences = [_other_office(id_, draft, directory) for id_ in others]
        row["hint"] = " ".join([*sentences, told("summary.change_office")])
        row["edit"] = {"title": told("input.edit_office"), "payload": payloads.edit("category")}
    return row


def _other_office(category_id: str, draft: Draft, directory: Directory) -> str:
    category = directory.category_by_id[category_id]
    office = office_of(category, draft.structure, directory, told)
    return told("summary.other_office", short=part_of(category, "short"), office=office)


def _edit_choice_input(message: Message, context: ReplyContext) -> Message:
    buttons = [_edit_button(name) for name in editable_fields(context.draft)]
    nothing = {"title": told("input.edit_nothing"), "payload": payloads.NO}
    return replace(message, buttons=(*buttons, nothing))


def _office_input(message: Message, context: ReplyContext) -> Message:
    """Name the office of each category, for the request's structure."""
    directory, draft = context.directory, context.draft
    structure = draft.structure if draft.structure in directory.structure_by_id else None
    choices = [
        {
            "title": told(
                "input.office",
                office=office_of(category, structure, directory, told),
                category=part_of(category, "subject"),
            ),
            "payload": payloads.choose(category),
        }
        for category in offices_shown(draft, directory)
    ]
    nothing = {"title": told("input.edit_nothing"), "payload": payloads.NO}
    return replace(message, buttons=(*choices, _edit_button("structure"), nothing))


def _edit_button(field: Field) -> dict[str, str]:
    return {"title": told(f"input.edit_{field}"), "payload": payloads.edit(field)}


def _code_input(message: Message, _context: ReplyContext) -> Message:
    again = {"title": told("input.new_code"), "payload": payloads.NEW_CODE}
    other = {"title": told("input.new_address"), "payload": payloads.edit("address")}
    return replace(message, buttons=(again, other))


def _address_input(message: Message, context: ReplyContext) -> Message:
    """Offer an alternative: the address known from the login, or no message at all."""
    way_out = {"title": told("input.cancel"), "payload": payloads.CANCEL}
    if context.draft.category != ACCESS and is_mailbox(context.email or ""):
        way_out = {"title": told("input.keep_address"), "payload": payloads.NO}
    return replace(message, buttons=(way_out,))


def _mail_input(message: Message, context: ReplyContext) -> Message:
    """Show a mail for citizens to send themselves: opened in their mail program, or copied."""
    address, body = context.directory.home_mailbox, mail_body(context)
    return replace(
        message,
        input={
            "type": "mail",
            "label": told("input.mail"),
            "to": address,
            "subject": TEXTS("link.mail_subject"),
            "body": body,
            "open": {"title": told("input.mail_open"), "href": mailto(address, body)},
            "copy": {"title": told("input.mail_copy")},
        },
    )


def with_receipt(message: Message, context: ReplyContext) -> Message:
    """Add the request that was just registered; later its state is told by events."""
    if not context.requests:
        return message
    newest = context.requests[0]
    rows = [("summary.office", newest.request.office_name), ("summary.copy", context.email or "")]
    if newest.files:
        rows.insert(1, ("file.label", ", ".join(file.name for file in newest.files)))
    receipt = {
        "type": "receipt",
        "number": newest.request.number,
        "rows": [{"label": told(name), "value": value} for name, value in rows],
        "state": state_words(newest),
    }
    page = f"/richieste/{newest.request.number}"
    own = {"title": told("link.receipt"), "href": page}
    if context.authenticated:  # Who is logged in has the list of all requests.
        own = {"title": told("link.add"), "href": f"{page}#aggiungi"}
    return replace(message, input=receipt, links=(*message.links, own))


def with_earlier(message: Message, context: ReplyContext) -> Message:
    """Offer to add to the request sent before what may be meant for it."""
    if not context.authenticated or not context.requests:
        return message
    newest = context.requests[0]
    if newest.is_withdrawn:
        return message
    number = newest.request.number
    page = f"/richieste/{number}?{FROM_CHAT}={context.draft_mark}#aggiungi"
    return replace(
        message, links=(*message.links, {"title": told("link.add_to", number=number), "href": page})
    )


def _rating_input(message: Message, _scene: ReplyContext) -> Message:
    stars = [
        {"title": told(f"input.star_{count}"), "payload": f"rating:{count}"}
        for count in range(1, 6)
    ]
    skip = {"title": told("input.skip_rating"), "payload": "rating:skip"}
    rating = {"type": "rating", "label": told("input.rating"), "options": stars, "skip": skip}
    return replace(message, input=rating)


_INPUTS: dict[str, Callable[[Message, ReplyContext], Message]] = {
    "category": _category_input,
    "structure": _structure_input,
    "description": _description_input,
    "privacy": _consent_input(PRIVACY),
    "regulation": _consent_input(REGULATION),
    "summary": _summary_input,
    "mail": _mail_input,
    "address": _address_input,
    "code": _code_input,
    "edit_choice": _edit_choice_input,
    "office": _office_input,
    "rating": _rating_input,
}


def link(name: str, context: ReplyContext) -> dict[str, str]:
    """Return the link with this name."""
    if name in HREFS:
        return {"title": told(f"link.{name}"), "href": HREFS[name]}
    addresses = {
        "mail_home": context.directory.home_mailbox,
        "mail_platform": _office_mailbox(context),
    }
    address = addresses[name]
    return {
        "title": told(f"link.{name}", mailbox=address),
        "href": mailto(address, context.written),
    }


def _office_mailbox(context: ReplyContext) -> str:
    """Return the mailbox of the request's office; the technical team's if that isn't known yet."""
    directory, draft = context.directory, context.draft
    category = directory.category_by_id.get(draft.category or "")
    if category and draft.structure in directory.structure_by_id:
        return ",".join(directory.office_for(category.id, draft.structure).addresses)
    return directory.platform_mailbox


def mailto(address: str, body: str) -> str:
    """Return a link that opens a mail program with a prepared message. Source: RFC 6068."""
    href = f"mailto:{address}?subject={quote(TEXTS('link.mail_subject'))}"
    lines = body[:MAILTO_BODY_MAX].replace("\n", "\r\n")
    return href + (f"&body={quote(lines)}" if lines else "")


def mail_body(context: ReplyContext) -> str:
    """Return the text of a mail for citizens to send themselves: their words, or a template."""
    return TEXTS("mail.body", text=context.written or TEXTS("mail.nothing_written"))
