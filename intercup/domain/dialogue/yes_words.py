"""Words explicit enough for a consent or for sending."""

import re
import unicodedata

from intercup.domain.dialogue.draft import Turn

# A typed consent or confirmation counts only if every word is one of these: the model alone
# would take "ok aspetta" or "va bene la leggo dopo" for a yes.
_YES = frozenset(
    {"si", "ok", "va", "bene", "d", "accordo", "certo", "certamente", "esatto", "confermo"}
    | {"acconsento", "accetto", "assolutamente", "sicuro", "volentieri"}
)
_AROUND = frozenset(
    {"io", "il", "lo", "la", "l", "mio", "di", "del", "al", "dei", "e", "tutto", "che", "a", "i"}
    | {"ho", "consenso", "regolamento", "trattamento", "dati", "miei", "richiesta", "vi", "ad"}
    | {"autorizzo", "per", "me", "prego", "grazie", "pure", "aver", "averlo", "vostra", "sono"}
)
# The words that are a yes to one question only.
_OWN: dict[str | None, frozenset[str]] = {
    "privacy": frozenset({"autorizzo", "do", "rilascio", "concedo", "presto"}),
    "regulation": frozenset({"dichiaro", "letto", "preso", "visione", "presa"}),
    "confirmation": frozenset({"invia", "invii", "inviare", "manda", "mandi", "spedisci"}),
    "cancel_check": frozenset(
        {"annulla", "annulli", "annullare", "elimina", "elimini", "cancella", "cancelli"}
    ),
}


def is_explicit_yes(turn: Turn, step: str | None) -> bool:
    """Return True if this is an explicit yes to this step: a button, or only words of consent."""
    if turn.intent != "affirm":
        return False
    if turn.text is None:
        return True
    plain = unicodedata.normalize("NFKD", turn.text.lower())
    words = set(re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c))))
    own = _OWN.get(step, frozenset())
    return "?" not in turn.text and bool(words & (_YES | own)) and words <= _YES | own | _AROUND
