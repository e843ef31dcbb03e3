"""Facts of the description that a citizen corrects in words, as "del 4, non del 3" does."""

import re

_WRONG = re.compile(
    r"""
    \b( sbagli | errat | corregg | corrett | rettific | refuso | cambi | modific | intendev
      | scritt\w+\ male | confus[oa]\b | in\ realtà | volev\w\ (dire|scrivere) )
    """,
    re.VERBOSE,
)
_NOUNS = re.compile(
    r"""
    \b( giorn | dat[ae]\b | or[ae]\b | orari | mes[ei]\b | ann[oi]\b | età\b | nom[ei]\b | cognom
      | medic | dottor | visit[ae]\b | esam[ei]\b | ricett | impegnativ | prescrizion | prestazion
      | \d | numer | nre\b | codice | priorità | repart | ambulator | appuntament | browser )
    """,
    re.VERBOSE,
)
_DAYS = "lun|mart|merc|giov|vener|sab|domen"
_MONTHS = "genn|febb|marz|apri|magg|giugn|lugl|agos|sett|otto|nove|dice"
# "non" before a thing, which is then the wrong one; before a verb it denies something else. Names
# of people are told by their capital.
_CONTRAST = re.compile(
    rf"""
    \b[Nn]on\ ( (il|dell?[aoe]?|dei|di|all?[ae]?|allo|un|una|dall?a?|quell[oa])\b (?!\ mio)
              | d?all'\w | dell'\w
              | (è\ |era\ )? ((il|di|a|del|alle)\ )? (\d | {_DAYS} | {_MONTHS} | [A-Z][a-z]) )
    | (,|\be)\ non\ (per|in|da|con|nel|sul)\b
    | \b[Nn]o\ (\d | {_DAYS})
    | \b([Ii]n\ realtà | anzi\ (il|lo|la|del|dell[ao]|di|alle|\d) | anziché
      | al\ posto\ d\w+ | invece\ (di|del|dell[aoe]|che))\b
    """,
    re.VERBOSE,
)
_VALUE = re.compile(r"\d|:|\b(è|era|sono|anzi)\s+(?!sbagli|errat|da\b)\w")


def corrects_a_fact(text: str | None) -> bool:
    """Return True if a text says that a fact told before is wrong."""
    if _contrasts(text or ""):
        return True
    return names_a_fact(text) and _WRONG.search((text or "").lower()) is not None


def names_a_fact(text: str | None) -> bool:
    """Return True if a text names a fact that a description tells, or sets one right."""
    return _NOUNS.search((text or "").lower()) is not None or _contrasts(text or "")


def tells_the_right_fact(text: str) -> bool:
    """Return True if the text of a correction also tells the right fact."""
    return _contrasts(text) or _VALUE.search(text.lower()) is not None


def _contrasts(text: str) -> bool:
    """Return True if a text sets a thing against another; also one in capitals."""
    return any(_CONTRAST.search(words) for words in (text, text.lower()))
