"""Optional answers to a chat's request: given on a page, kept in the stored draft, not in Rasa."""

from collections.abc import Mapping
from typing import Any

from intercup.domain.directory import Directory
from intercup.domain.request import OPTIONAL_FIELDS, RequestForm, normalised, problems_of

KEY = "optional"  # in the stored draft


def optional_of(draft: Mapping[str, Any], directory: Directory) -> dict[str, str]:
    """Return a stored draft's optional answers; without an NRE that its category doesn't need."""
    given = draft.get(KEY, {})
    found = {name: given.get(name, "") for name in OPTIONAL_FIELDS}
    category = directory.category_by_id.get(draft.get("category") or "")
    is_unneeded = category is not None and category.needs_no_nre
    return found | ({"nre": ""} if is_unneeded else {})


def checked_answers(
    values: Mapping[str, str], category: str | None, directory: Directory
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the answers in their normal form, and the key of each one's problem."""
    given = {name: values[name] for name in OPTIONAL_FIELDS}
    form = normalised(RequestForm(category, None, "", {}, **given))
    problems = problems_of(form, directory)
    return (
        {name: getattr(form, name) for name in OPTIONAL_FIELDS},
        {name: key for name, key in problems.items() if name in OPTIONAL_FIELDS},
    )
