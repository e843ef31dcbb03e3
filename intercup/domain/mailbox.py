"""E-mail addresses, in plain ASCII as every relay accepts them, and the mailbox behind one."""

import re

MAILBOX_MAX = 254  # characters. Source: RFC 5321
LOCAL_MAX = 64  # characters before the @. Source: RFC 5321
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
_MAILBOX = re.compile(f"{_LOCAL}@{_DOMAIN}")

# Providers that ignore some characters of the local part, and the domain they are counted under.
# Sources: support.google.com/mail/answer/7436150, proton.me/support/addresses-and-aliases
_GMAIL, _PROTON = ("gmail.com", "."), ("proton.me", "._-")
_IGNORING = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "pm.me": _PROTON,
}


def is_mailbox(text: str) -> bool:
    """Return True if the text is one bare address, with a domain of at least two names."""
    is_short = len(text) <= MAILBOX_MAX and text.rfind("@") <= LOCAL_MAX
    return is_short and _MAILBOX.fullmatch(text) is not None


# Separators of the words around an address.
_BETWEEN = re.compile(r"[\s<>()\[\]\"«»“”„,;]+")
_PREFIXES = ("mailto", "e-mail", "email", "mail", "indirizzo")
_AT_SIGN = re.compile(r"\s{0,3}(?:@|[\[(](?:at|chiocciola)[\])])\s{0,3}", re.IGNORECASE)
_DOT = re.compile(r"[\[(](?:dot|punto)[\])]", re.IGNORECASE)
_AT_THE_ENDS = "'’‘.:!?…*_~"
# No mailbox of people has other characters; `e-mail=mario@example.it` is a slip.
_USUAL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+")
_AT = frozenset({"chiocciola", "chiocciolina"})
_SPOKEN = {"punto": ".", "trattino": "-", "meno": "-", "underscore": "_", "più": "+"}
_BEFORE_AN_ADDRESS = frozenset(
    {"è", "e", "mail", "email", "indirizzo", "mia", "mio", "la", "il", "a", "su", "al", "alla"}
    | {"scrivete", "scrivetemi", "scriva", "usate", "metta", "mettete", "mandate", "sarebbe"}
    | {"posta", "elettronica", "questo", "questa", "ecco", "allora", "dunque", "sì", "si", "ok"}
    | {"di", "che", "quello", "quella", "l", "mi", "potete", "scrivere", "dovrebbe", "essere"}
)
_NAMES_MAX = 3  # words of a dictated name


def addresses_in(text: str) -> set[str]:
    """Return everything in a sentence that is meant as an address, right or not."""
    written = _DOT.sub(".", _AT_SIGN.sub("@", text))
    words = _BETWEEN.split(written if "@" in written else _dictated(text))
    return {_bare(word) for word in words if "@" in word}


def _bare(word: str) -> str:
    """Return an address without what stands directly before and after it."""
    start, colon, rest = word.strip(_AT_THE_ENDS).partition(":")
    return rest if colon and start.lower() in _PREFIXES else f"{start}{colon}{rest}"


def is_typed_mailbox(text: str) -> bool:
    """Return True if a typed text is one address as people have them."""
    return is_mailbox(text) and _USUAL.fullmatch(text) is not None


def _dictated(text: str) -> str:
    """Return the address of a dictated text, as in "mario rossi chiocciola gmail punto com"."""
    said = text.lower().replace("'", " ").replace("trattino basso", "underscore")
    words = [word.strip(".,;:!?") for word in said.split()]
    at = next((n for n, word in enumerate(words) if word in _AT), None)
    if at is None:
        return ""
    return f"{_name_before(words[:at])}@{_domain_after(words[at + 1 :])}"


def _name_before(words: list[str]) -> str:
    name, names = "", 0
    for word in reversed(words):
        if word in _SPOKEN:
            name = _SPOKEN[word] + name
            continue
        is_joined = name[:1] in tuple(_SPOKEN.values())
        if word in _BEFORE_AN_ADDRESS or (names >= _NAMES_MAX and not is_joined):
            break
        name, names = word + name, names + 1
    return name


def _domain_after(words: list[str]) -> str:
    domain, after_a_sign = "", True
    for word in words:
        if word in _SPOKEN:
            domain, after_a_sign = domain + _SPOKEN[word], True
        elif after_a_sign:
            domain, after_a_sign = domain + word, False
        else:
            break
    return domain


def inbox_of(address: str) -> str:
    """Return one key for all addresses of a mailbox, without tag and ignored characters.

    For counting only: a mail goes to the address as it was typed.
    """
    name, _, domain = address.lower().rpartition("@")
    domain, ignored = _IGNORING.get(domain, (domain, ""))
    name = name.partition("+")[0]
    return f"{''.join(c for c in name if c not in ignored)}@{domain}"
