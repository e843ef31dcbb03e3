"""Facts of the description that a citizen corrects in words, as "del 4, non del 3" does."""

import re

_WRONG = re.compile(
    r"""
    \b( sbagli | errat | corregg | scorrett | rettific | refuso | cambi | modific | intendev
      | non\ (è|era|sono|erano)\ (giust|esatt|corrett) | scritt\w+\ male
      | confus[oa]\b | in\ realtà | volev\w\ (dire|scrivere) )
    """,
    re.VERBOSE,
)
_NOUNS = re.compile(
    r"""
    \b( giorn | dat[ae]\b | l'or[ae]\b | orari | mes[ei]\b | ann[oi]\b | età\b | nom[ei]\b | cognom
      | medic | dottor | visit[ae]\b | esam[ei]\b | ricett | impegnativ | prescrizion | prestazion
      | nre\b | codice | priorità | repart | ambulator | appuntament | browser )
    """,
    re.VERBOSE,
)
# Alone these name no fact: "per ora basta", "datemi un numero", "la 2".
_IN_A_CORRECTION = re.compile(r"\d|\b(or[ae]\b|numer)")
_DAYS = "lun|mart|merc|giov|vener|sab|domen"
_MONTHS = "genn|febb|marz|apri|magg|giugn|lugl|agos|sett|otto|nove|dice"
# "non" before a thing, which is then the wrong one; before a verb it denies something else. Names
# of people are told by their capital. A text that begins with "in realtà" may change the matter.
_CONTRAST = re.compile(
    rf"""
    \b[Nn]on\ ( (il|dell?[aoe]?|dei|di|all?[ae]?|allo|un|una|dall?a?|quell[oa])\b (?!\ mio)
              | d?all'\w | dell'\w
              | (è\ |era\ )? ((il|di|a|del|alle)\ )? (\d | {_DAYS} | {_MONTHS} | [A-Z][a-z]) )
    | (,|\be)\ non\ (per|in|da|con|nel|sul)\b
    | \b[Nn]o\ (\d | {_DAYS})
    | (?<=.{{12}})\b[Ii]n\ realtà\ (è|era|sono|erano)\b
    | \b(anzi\ (il|lo|la|del|dell[ao]|di|alle|\d) | anziché
      | al\ posto\ d\w+ | invece\ (di|del|dell[aoe]|che))\b
    """,
    re.VERBOSE,
)
_VALUE = re.compile(r"\d|:|\b(è|era|sono|anzi)\s+(?!sbagli|errat|giust|esatt|corrett|da\b)\w")
_DENIAL = re.compile(r"\W*+(no\W++)?non\b(?!.*\b(ma|bensì)\b)[^,;:.]*+\W*+")

# Wishes that an office fulfils; a name or a number is changed in the description.
_WISH = re.compile(
    r"""
    \b(vorre|vogl|volev|dev[oe]\b|dobbiam|dovre|desider|bisogn).{0,25}
    \b( spost | disd | annull | cancell | anticip | posticip | rinvi | rimand | prenot | saper
      | chied | cambi\w*+ (?!\ (il|la|l'|i)\ ?(nom|cognom|numer|codic|ricett|impegn|browser|test)) )
    | \b(disd(ico|ire)|spost(o|are))\b
    | \b(il|un)\ problema\ ((è|era)\ )?(di|del|con|su)
    """,
    re.VERBOSE,
)


def corrects_a_fact(text: str | None) -> bool:
    """Return True if a text says that a fact told before is wrong."""
    if contrasts(text):
        return True
    plain = (text or "").lower()
    names = names_a_fact(plain) or _IN_A_CORRECTION.search(plain) is not None
    return names and _WRONG.search(plain) is not None


def names_a_fact(text: str | None) -> bool:
    """Return True if a text names a fact that a description tells."""
    return _NOUNS.search((text or "").lower()) is not None


def tells_the_right_fact(text: str) -> bool:
    """Return True if the text of a correction also tells the right fact."""
    if only_denies(text):
        return False
    return contrasts(text) or _VALUE.search(text.lower()) is not None


def only_denies(text: str | None) -> bool:
    """Return True if a text says what is wrong and nothing more, as "no, non il Civico" does."""
    return contrasts(text) and _DENIAL.fullmatch((text or "").lower()) is not None


def wants_something_else(text: str) -> bool:
    """Return True if a text wants something done or known, whatever facts it names."""
    return _WISH.search(text.lower()) is not None


def contrasts(text: str | None) -> bool:
    """Return True if a text sets a thing against another; also one in capitals."""
    plain = text or ""
    return any(_CONTRAST.search(words) for words in (plain, plain.lower()))
