"""The answer to the question for the structure: one, several or none."""

import re
from dataclasses import replace

from intercup.domain.dialogue.choice import POINTING_MAX, content_words, is_unsure, position_in
from intercup.domain.dialogue.draft import NO_STRUCTURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.moves import structure_required, with_structure
from intercup.domain.dialogue.opening import with_problem
from intercup.domain.dialogue.words import (
    is_question,
    puts_off,
    speaks_of_cancelling,
    speaks_of_correcting,
)
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure

_UNKNOWN = re.compile(r"\bnon (lo |la )?(so|saprei)\b|\bboh\b")
# Words after which a place, or something else, is meant.
_BUT = re.compile(
    r"\b(ma|anzi|però|(?<!nessun )(ospedal\w+|asp)|dopo|vogli\w+|vorrei|oppure|senza fretta)\b"
)
STRUCTURE_HELP = "utter_structure_help"
_SAY_SOMETHING_ELSE = frozenset({"cancel", "edit_answer", "ask_human", "ask_wrong_recipient"})
# Words of an answer to which no structure belongs: none, not yet, InterCup's own pages.
_NO_PLACE = re.compile(
    r"""
    \b(nessun|nisciun|nudd|niente|nulla|nenti|zero|senza|(nemmeno|neanche)\ una|in\ general|none\b)
    | \bnon\ (c'entra|riguard|serve|applicabil|ci\ (sono|arriv))
    | \bnon\ (l'|l|le\ |ne\ )?ho\ (ancora|scelt|prenot)
    | \bnon\ ancora\b | \b(mi\ )?(fermo|blocco|bloccat[oa])\ (alla|sulla|prima)\b
    | \b(manco|neanche)\ (ci\ )?(sono\ )?arrivat | \bprima\ (degli|dell|di|ancora)\b
    | \b(è|e'|del|sul|nel|col|il|vostro|la|della|vostra)\ (solo\ )?
      (intercup|sito|portale|piattaforma|sistema|pagina|programma|app)\b
    | ^\W*(intercup|sito|portale|piattaforma)\b | \bintercup\ proprio\b
    | \b(spid|cie|login|account|profilo|password)\b
    """,
    re.VERBOSE,
)
# They hold beside a "but" too.
_SURELY_NO_PLACE = re.compile(
    r"""
    \b(ospedal\w+|struttur\w+|asp)\ (qui\ )?(non|nn|nun)\ (c'entra|centra)
    | \b(elenco|lista|tendina|men[uù])\ (è|e'|resta|rimane|risulta|mi\ esce)\ vuot
    | \b(non|nn|nun)\ ci\ (arriv|sono\ arriv)
    """,
    re.VERBOSE,
)


def structure_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: for which structure?"""
    draft = with_problem(draft, turn, directory)
    # Names come before intents: "no, Ragusa" and "sì, ma a Ragusa" name one.
    outcome = named(draft, turn, directory) or _pointed(draft, turn, directory)
    if outcome:
        return outcome
    if _goes_without(draft, turn, directory):
        return with_structure(draft, NO_STRUCTURE, directory)
    if is_unsure(turn.text):
        return Outcome(draft, (Say(STRUCTURE_HELP),))
    if guess := part_of_one_name(turn.text, directory):
        return Outcome(replace(draft, candidates=(guess,)), (Say("utter_structure_guess"),))
    if turn.intent == "affirm" and len(draft.candidates) == 1:
        return with_structure(draft, draft.candidates[0], directory)
    if turn.intent == "deny" and draft.candidates:
        return Outcome(replace(draft, candidates=()))
    if turn.intent in ("no_structure", "deny"):
        if not structure_required(draft, directory):
            return with_structure(draft, NO_STRUCTURE, directory)
        return Outcome(draft, (Say("utter_structure_required"),))
    if turn.intent == "inform_structure":
        return Outcome(draft, (Say("utter_structure_unknown"),))
    if turn.message_id and turn.message_id in (draft.first_message, draft.description):
        return Outcome(draft, (Say("utter_story_noted"),))
    return None


def _goes_without(draft: Draft, turn: Turn, directory: Directory) -> bool:
    """Return True if none is needed and an answer says that there is none, or isn't known."""
    if structure_required(draft, directory) or not turn.text or is_question(turn.text):
        return False
    topic = directory.category_of_intent.get(turn.intent, draft.category)
    if turn.intent in _SAY_SOMETHING_ELSE or topic != draft.category or puts_off(turn.text):
        return False
    if speaks_of_correcting(turn.text) or part_of_one_name(turn.text, directory):
        return False
    if draft.candidates and turn.intent == "deny":
        return False
    text = turn.text.lower()
    tells_the_problem = turn.intent in directory.category_of_intent
    if tells_the_problem or _SURELY_NO_PLACE.search(text):
        return True
    if speaks_of_cancelling(text) or _BUT.search(text):
        return False
    return _UNKNOWN.search(text) is not None or _NO_PLACE.search(text) is not None


def _pointed(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Take a position in the list as it is shown: the proposals, else all by province."""
    groups = directory.structures_by_province
    shown = draft.candidates or tuple(each.id for _, group in groups for each in group)
    position = position_in(turn.text, len(shown))
    return None if position is None else with_structure(draft, shown[position], directory)


def part_of_one_name(text: str | None, directory: Directory) -> str | None:
    """Return the only structure with all words of an answer in its name, or in a place's.

    "Il Martino" is such an answer, and "Noto", which in a longer text is another word.
    """
    words = set(content_words(text or ""))
    fits = [
        each.id
        for each in directory.structures
        if any(words <= set(content_words(name)) for name in (each.name, *each.places))
    ]
    return fits[0] if words and len(fits) == 1 else None


# Characters of a correction, by step; a longer text tells a story.
_RENAMED_MAX = {"description": 100, "privacy": 200, "regulation": 200}
_OTHER_NAME = r"(?:è|e'|era)\s+(?:(?:al?|il|la|in)\s+)?(?:\w++\W*+){1,3}"
_RENAMES = re.compile(
    rf"""
    ^\W*+anzi\W | \banzi\ (?:è|e'|era|no)(?!\w)
    | \b(?:per\ abitudine|mi\ correggo|intendevo|volevo\ dire)\b
    | ^\W*+(?:(?:no+|aspett\w++|ferm\w++|ops|scus\w++|macché|un|attimo|momento)\W++)++{_OTHER_NAME}$
    | \b(?:mett(?:a|ete|i|iamo)|cambi(?:a|ate|i|amo))\s+
      (?:(?:al?|il|la|in|con|su)\s+)?(?:\w++\W*+){{1,3}}$
    | \b(?:ho\ sbagliato|(?:struttura|ospedale|asp)\ (?:è|era)\ sbagliat[oa])\W+{_OTHER_NAME}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DENIED = re.compile(
    r"""
    \b(?:non|no|anziché|al\ posto\ (?:di|del|della)|invece\ (?:di|del|della))\s+
    (?:(?:è|era|più|il|la|a|al|alla|di|del|della|in|per)\s+)*+
    (?:all'|dell'|l')?(\w++(?:\s++\w++){0,3})
    """,
    re.VERBOSE | re.IGNORECASE,
)


def structure_renamed(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Take a correction of the structure where something else is asked for.

    "Anzi è il Papardo" is neither a description nor an answer about a consent. Texts that only
    speak of another structure correct nothing.
    """
    text = turn.text or ""
    if draft.structure is None or turn.length > _RENAMED_MAX.get(draft.step or "", 0):
        return None
    corrects = _RENAMES.search(text) or _denies(draft.structure, text, directory)
    if is_question(text) or not corrects:
        return None
    found = resolve_structure(text, directory)
    if found.kind == "none" or found.ids == (draft.structure,):
        return None
    return named(with_problem(draft, turn, directory), turn, directory)


def _denies(structure: str, text: str, directory: Directory) -> bool:
    """Return True if a text says that it isn't this structure, as "non al Papardo" does."""
    return any(
        structure in resolve_structure(found[1], directory).ids for found in _DENIED.finditer(text)
    )


def named(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Set the structure named by a button or a text, or ask which of several is meant."""
    if turn.structure in directory.structure_by_id:
        return with_structure(draft, turn.structure, directory)
    found = resolve_structure(turn.text or "", directory)
    if found.kind == "one":
        return with_structure(draft, found.ids[0], directory)
    if found.kind == "none":
        return None
    if found.ids == draft.candidates and _insists(draft, turn):
        return with_structure(draft, found.ids[0], directory)
    left = tuple(id_ for id_ in draft.candidates if id_ in found.ids)
    # "Quello di Messina", of the two just shown.
    if found.kind == "several" and len(left) == 1 < len(draft.candidates):
        return with_structure(draft, left[0], directory)
    draft = replace(draft, structure=None, step="structure", candidates=found.ids)
    return Outcome(draft, (Say(f"utter_structure_{found.kind}"),))


def _insists(draft: Draft, turn: Turn) -> bool:
    """Return True if a place is just named again when asked for the only structure it is of."""
    if draft.step != "structure" or len(draft.candidates) != 1 or turn.intent == "deny":
        return False
    text = turn.text or ""
    says_more = is_question(text) or speaks_of_correcting(text) or re.search(r"\bnon\b", text)
    return len(text) <= POINTING_MAX and not says_more
