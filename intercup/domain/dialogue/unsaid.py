"""Words that tell, or leave open, which office is right, however sure the model's reading is."""

import re

from intercup.domain.dialogue.draft import Turn
from intercup.domain.directory import Directory, Route

# Everything stands still, and no word says which page: InterCup's own, or the structure's calendar.
_ALL_STUCK = re.compile(
    r"""
    \b(si|s')\ ?(blocc|ferm|impall|impiant|piant|incant|incepp)\w+\ (tutt|ogni\ cosa)
    | \btutt[ou]\ (si\ )?(blocca|ferm|impalla|piant)
    | \bnon\ (vado|(riesco\ ad|posso|(mi\ )?(fa|lascia))\ andare|si\ va)\ (più\ )?avanti
    | \bnon\ (funziona|va|parte|succede|si\ muove)\ (più\ )?(niente|nulla)
    | \bun?\ (vaiu|va)\ (cchiù\ )?avanti
    """,
    re.VERBOSE,
)
_WHERE = re.compile(
    r"""
    calend | calann | agend | disponibilit | conferm
    | \b(giorn|iorn|dat[ae]\b|or[ae]\b|orari|slot|post[oi]\b|mes[ei]\b|appuntament)
    | \b(cup|intercup|portal|sit[ou]\b|app\b|spid|cie\b|access|acced|password)
    | \b(ricett|nre\b|impegnativ|prescrizion|elenco|list[ae]\b|menu|pulsant|bottone|tasto)
    | \b(repart|ambulator|medic|prestazion|schermo)
    | \b(pagin|schermat|pagament|ticket|ricevut|pdf\b|profil)
    """,
    re.VERBOSE,
)
_OURS = r"\b(sit[oi]|intercup|portal\w+|piattaform\w+|sistema|voi|vostr\w+)\b"
_THEIRS = r"\b(osped\w+|asp|struttur\w+|aziend\w+|cup|calendari\w+|repart\w+)\b"
_WHOSE_FAULT = re.compile(
    rf"""
    \bnon\ (so|capisco|è\ chiaro|si\ capisce)\ (se|di\ chi)\b .{{0,40}}
    ({_OURS} .{{0,20}}\bo(ppure)?\b .{{0,20}} {_THEIRS}
    | {_THEIRS} .{{0,20}}\bo(ppure)?\b .{{0,20}} {_OURS})
    """,
    re.VERBOSE,
)
# No free date, and a doubt if that is a fault: who has no place to give, or whose page is broken?
_NO_DATES = re.compile(
    r"""
    \b(non|nessun[ao]?|niente|senza|zero)\b.{0,25}
    \b(post[oi]|dat[ae]|disponibilit\w+|appuntament[oi])\b
    """,
    re.VERBOSE,
)
_FAULT = r"\b(error|guast|sbagli|bug|baco|difett|rott)"
# A doubt, or a question. Who tells that it was an error, or reads one out, doubts nothing.
_IS_IT_A_FAULT = re.compile(
    rf"""
    \b(sarà|sia|forse|magari|può\ (essere|darsi)|possibile\ che|non\ so\ se)\b.{{0,20}} {_FAULT}
    | \b(è|c'è)\ (per\ )?(un\ |qualche\ |il\ )?(vostro\ |sito\ )? {_FAULT}\w*+
      (?!\ (\d|codice|numero)) [^.!?]{{0,40}}\?
    """,
    re.VERBOSE,
)
# "It is no fault": who reads it as one all the same may be wrong.
_NO_FAULT = re.compile(
    r"\bnon (è|e'|sarà|si tratta di|parlo di) (mica )?(un |una )?(guast|error|problema tec)"
)
# The page that is to blame: the structure's, or ours.
_THEIR_PAGE = re.compile(
    r"""
    \b(pagin|sit[oiu]\b|portal|sistem|malfunz|problem|guast|cup\b)\w*\ (\w+\ ){0,2}?
    (de[il]|della|dell'|dello|d[ui]|d'u|d'o|sull'|sulla|nell')\ ?
    (l')?(osped|spital|aziend|struttur|asp\b|policlin|presidio\ osp)
    | \b(pagin\w|sito|portale)\ (loro|suo|sua)\b | \bloro\ (sito|pagina|portale|calendario)\b
    | \bè\ il\ loro\b | \bcalendari\w* | \bagend[ae]\b
    """,
    re.VERBOSE,
)
_OUR_PAGE = re.compile(r"\b(intercup|vostr[oaie])\b|\b(siete|(è|e'|colpa) (da|di)) voi\b")
_CLAUSE_END = re.compile(r"[.;:,!?]|\b(?:ma|però|invece|mentre)\b|\bè che\b")
# A clause clears a page that it denies, or that is said to work.
_CLEARS = re.compile(
    r"""
    \b(non|né)\ ((è|e'|era|sul|sulla|del|della|dell')\ )?(il|la|l'|un|del|della|dell'|sul|sulla)
    | \bnon\ (è\ )?c'entra | \bnon\ (è|e'|era)\ (colpa|vostr|loro)
    | ^(?!.*\b(non|nn|nun|un)\b).*
      \b(funzion|giust|corrett|regolar|perfett|a\ posto|tutto\ ok|bene\b)
    """,
    re.VERBOSE,
)


def page_named(text: str | None) -> Route | None:
    """Return the route of the only page that a text blames, the structure's or ours.

    "Su InterCup il nome è giusto, è il calendario dell'ospedale" clears ours and blames theirs.
    """
    plain = (text or "").lower().replace("’", "'")
    blaming = [clause for clause in _CLAUSE_END.split(plain) if not _CLEARS.search(clause)]
    is_theirs, is_ours = (
        any(page.search(clause) for clause in blaming) for page in (_THEIR_PAGE, _OUR_PAGE)
    )
    if is_theirs == is_ours:
        return None
    return "technical" if is_theirs else "platform"


def office_left_open(category: str, turn: Turn, directory: Directory) -> str | None:
    """Return the other category that the words fit as well as the one they were read as."""
    text = (turn.text or "").lower()
    own = directory.category_by_id[category].route
    blamed = page_named(text)
    routes = _routes_left_open(text, {own, blamed} == {"technical", "platform"})
    tells_whose = _WHOSE_FAULT.search(text) or blamed
    is_ours = own == "platform" and not turn.mentioned and not tells_whose
    if own not in routes or is_ours:
        return None
    others = (each.id for each in directory.categories if each.route in routes - {own})
    return next(others, None)


def _routes_left_open(text: str, another_page_blamed: bool) -> frozenset[Route]:
    is_stuck = _ALL_STUCK.search(text) and not _WHERE.search(text)
    if another_page_blamed or _WHOSE_FAULT.search(text) or is_stuck:
        return frozenset({"technical", "platform"})
    has_no_dates = _NO_DATES.search(text) and _IS_IT_A_FAULT.search(text)
    if _NO_FAULT.search(text) or has_no_dates:
        return frozenset({"technical", "administrative"})
    return frozenset()
