"""Answers that point into a list: a position, none of the entries, or no idea."""

import re

POINTING_MAX = 60  # characters; a longer text tells something instead

_ORDINALS = (
    *("prim", "second", "terz", "quart", "quint", "sest", "settim", "ottav", "non", "decim"),
    *("undicesim", "dodicesim", "tredicesim"),
)
_CARDINALS = (
    *("uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci"),
    *("undici", "dodici", "tredici"),
)
_LETTERS = "abc"
_POSITIONS: dict[str, int] = {
    **{f"{stem}{end}": n for n, stem in enumerate(_ORDINALS) for end in "oa"},
    **{word: n for n, word in enumerate(_CARDINALS)},
    **{str(n + 1): n for n in range(len(_CARDINALS))},
    **{f"ultim{end}": -1 for end in "oa"},
    **{f"penultim{end}": -2 for end in "oa"},
}
# Words around a position, or around the name of an entry.
FILLERS = frozenset(
    {"il", "lo", "la", "l", "le", "i", "gli", "un", "una", "di", "del", "dello", "della", "dell"}
    | {"delle", "degli", "dei", "per", "sulla", "sulle", "sul", "con", "e", "è", "ed", "o", "da"}
    | {"numero", "num", "n", "lettera", "opzione", "voce", "scelta", "punto", "casella", "riga"}
    | {"risposta", "categoria", "tipo", "tipologia", "elenco", "lista", "scelgo", "metto", "metta"}
    | {"metti", "prendo", "voglio", "vorrei", "volevo", "direi", "credo", "penso", "sia", "quella"}
    | {"quello", "grazie", "favore", "allora", "ok", "sì", "si", "no", "dunque", "ecco", "solo"}
    | {"mi", "serve", "servono", "sarebbe", "cioè", "dice", "dove", "che", "me", "forse"}
    | {"u", "lu", "nu", "na", "cu", "ca"}
)
_NONE = re.compile(
    r"\bnessun[ao]\b|\bn[eé] l'un[ao]\b|\bniente di (tutto )?(quest|ci[oò])|\bnon rientra"
    r"|\b(un'|qualcos')?altr[ao] (cosa|motivo|tipo|problema)\b|\baltro\b|\bnon (è|c'è) (tra|fra)\b"
)
_UNSURE = re.compile(
    r"\bnon (lo |la |ne )?(so|saprei|sappiamo|sapevo)\b|\bboh\b|\bmah\b|\bnon (sono|è) (sicur|cert)"
    r"|\bnon (ho|ne ho) idea|\bnon (mi |me )?(lo )?ricord|\bcome (faccio|si fa) a sap"
    r"|\bquale (devo|dovrei|scelgo|è|metto)\b|\bnon (capisco|ho capito)\b|\bchi lo sa\b"
)


def content_words(text: str) -> list[str]:
    """Return a short answer's words without the fillers around them."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in FILLERS]


def position_in(text: str | None, length: int) -> int | None:
    """Return the index that a text points to in a list of this length, as "la seconda" does.

    Letters count in short lists only.
    """
    if not text or len(text) > POINTING_MAX:
        return None
    words = re.sub(r"\bsecondo (me|noi)\b", "", text.lower())
    if length <= len(_LETTERS) and (letter := _letter(words)) is not None:
        return letter if letter < length else None
    named = content_words(words)
    if len(named) != 1 or named[0] not in _POSITIONS:
        return None
    position = _POSITIONS[named[0]]
    return position % length if -length <= position < length else None


def _letter(text: str) -> int | None:
    """Return the index of a letter standing for itself, as in "b)" and "direi la c"."""
    words = re.findall(r"\w+", text)
    if not words or words[-1] not in _LETTERS or not set(words[:-1]) <= FILLERS:
        return None
    return _LETTERS.index(words[-1])


def rejects_all(text: str | None) -> bool:
    """Return True if a short answer says that no entry fits."""
    return _short(text) and _NONE.search((text or "").lower()) is not None


def is_unsure(text: str | None) -> bool:
    """Return True if a short answer says that the citizen doesn't know."""
    return _short(text) and _UNSURE.search((text or "").lower()) is not None


def _short(text: str | None) -> bool:
    return text is not None and len(text) <= POINTING_MAX
