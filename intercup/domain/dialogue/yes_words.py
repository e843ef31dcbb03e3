"""Words explicit enough for a consent or for sending."""

import re
import unicodedata

from intercup.domain.dialogue.draft import Turn

# A typed consent or confirmation counts only if every word is one of these: the model alone
# would take "ok aspetta" or "va bene la leggo dopo" for a yes.
_YES_WORDS = frozenset(
    {"si", "ok", "va", "bene", "d", "accordo", "certo", "certamente", "esatto", "confermo"}
    | {"autorizzo", "acconsento", "accetto", "dichiaro", "letto", "preso", "visione", "do"}
    | {"invia", "invii", "inviare", "manda", "mandi", "annulla", "annulli", "elimina", "pure"}
    | {"io", "il", "lo", "la", "l", "mio", "di", "del", "al", "dei", "e", "tutto", "aver", "averlo"}
    | {"ho", "consenso", "regolamento", "trattamento", "dati", "richiesta", "prego", "grazie"}
)


def is_explicit_yes(turn: Turn) -> bool:
    """Return True if this is an explicit yes: a button, or only words of consent."""
    if turn.intent != "affirm":
        return False
    if turn.text is None:
        return True
    plain = unicodedata.normalize("NFKD", turn.text.lower())
    words = re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "?" not in turn.text and bool(words) and set(words) <= _YES_WORDS
