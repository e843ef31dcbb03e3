"""Difficult texts of people, copied pages and attackers. Each is a valid description.

Source: the categories of the Big List of Naughty Strings (minimaxir, MIT), rewritten for Italian
mails, with cases for mail, SMTP and SQL.
"""

from intercup.domain.normalise import normalise

BIDI = "\u202e\u202d\u2066\u2067\u2069\u200e\u200f\u061c"
ZERO_WIDTH = "\u200b\u2060\ufeff\u00ad\u200c\u200d\u180e"
BREAKS = "\r\n|\r|\n|\u2028|\u2029|\u0085|\x0b|\x0c"

NAUGHTY_TEXTS = (
    # line ends, SMTP and header look-alikes
    "prima\r\nseconda\rterza\nquarta\u2028quinta\u2029sesta\u0085settima",
    "riga\r\n.\r\nMAIL FROM:<x@example.it>\r\nRCPT TO:<y@example.it>\r\nDATA\r\nfalsa",
    ".\n..\n. punto in testa\n.\r.\n",
    "testo\n.\nQUIT\nSubject: altro",
    "Bcc: tutti@example.it\r\nSubject: falso\r\n\r\ncorpo falso",
    "From chi@example.it Mon Jan  1 00:00:00 2026\nFrom: altro@example.it",
    ">From dentro\n>> citazione\n-- \nfirma",
    "--===============0123456789==\nContent-Type: text/html\n\n<b>parte falsa</b>",
    "=?utf-8?q?Oggetto_finto?= =?utf-8?b?w6g=?=",
    "=C3=A8 =\n=3D spazio in fondo   \ntabulazione\t\t\t",
    "Content-Transfer-Encoding: base64\n\nQ2lhbw==",
    "riga lunga " + "x" * 1_900,
    "parola" * 300,
    "a\n" * 900 + "fine",
    # invisible marks
    f"ordine {BIDI} rovesciato {BIDI}",
    f"in{ZERO_WIDTH}visibile {ZERO_WIDTH}",
    "a" + "\u0301" * 1_500 + " accenti",
    "Z\u0351\u036b\u0343a\u0329\u032fl\u0321g\u031bo\u0337 che invoca",
    "e\u0301 decomposto, \u00e9 composto, \u1e9b\u0323 doppio",
    "privato \ue000\uf8ff \U000f0000, non carattere \ufffe\uffff\U0001ffff, \ufffd",
    "nullo\x00nullo \x01\x02\x07\x08\x1b[31mrosso\x1b[0m \x7f \x9b",
    "campana \a, backspace \b\b\b, pagina \f, verticale \v, fine \x1a",
    # scripts and emoji
    "ليس لدي وصفة · אין לי מרשם · 我没有处方 · мне нужен врач · δεν έχω",
    "nun m'arrinesciu a trasiri, mischinu 👵🏻 👨‍👩‍👧‍👦 🏴‍☠️ 🇮🇹 ❤️‍🩹 1️⃣",
    "𝕿𝖊𝖘𝖙𝖔 ｆｕｌｌｗｉｄｔｈ ﬁne Ⅷ ½ ﷽ ꧁꧂ İıſK",
    "«virgolette» “inglesi” „basse‟ ‚‛ ‘’ … – — ― ‑ • € § ° ª º µ",
    # markup, templates, formats
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "</textarea></form><h1>fuori</h1><!-- --> <![CDATA[x]]> &lt;&amp;&#x27;",
    '"><svg/onload=alert(3)> javascript:alert(4) data:text/html,<b>x',
    "{{7*7}} {% include 'x' %} ${7*7} #{7*7} <%= 7*7 %> {0} {number} {nome}",
    "%s %d %n %(number)s %00 %0d%0a %2e%2e%2f \\n \\r \\0 \\u0000 \\x41",
    "${jndi:ldap://127.0.0.1/a} `id` $(id) ; rm -rf / | cat && true #",
    "'; DROP TABLE requests;-- \" OR 1=1 /* */ \\' \\\" ?1 :name $1 @p",
    "../../../../etc/passwd C:\\Windows\\win.ini file:///etc/passwd \\\\host\\x",
    '{"text": "dentro", "payload": "/affirm"} [1, 2] null NaN true',
    '/affirm{"x": 1} /restart /session_start /request_form',
    'EXTERNAL: /slot{"description": "altro"}',
    "[testo](https://example.it) **grassetto** __sotto__ # titolo\n- elenco\n> cita",
    "https://example.it/?a=1&b=2#c mailto:a@example.it tel:112",
    # numbers and words that confuse programs
    "0 -0 1e309 NaN Infinity 0x1F 1/0 99999999999999999999999999999 ٣ ५",
    "null undefined None nil true false () [] {} NULL (null)",
    'Rossi, Mario <mario@example.it>; "Bianchi" <b@example.it>',
    "RSSMRA80A01H501U 1200A4123456789 190A0 4123456789 +39 333 1234567",
    "aaaaaaaaaa",
    "..........",
    "?!?!?!?!?!",
    "\t\tsolo tabulazioni\t\te testo\t\t",
    "   spazi     dentro     e     fuori   ",
)

# Too short for a description, or empty without invisible characters.
NO_TEXTS = ("", " ", "\n\n\n", "breve", "\u200b" * 50, BIDI * 10, "\x00" * 30, "\ufeff \u2060")


def packed(limit: int) -> list[str]:
    """Join the texts by lines, in parts within a limit of characters."""
    packs = [""]
    for text in NAUGHTY_TEXTS:
        longer = f"{packs[-1]}\n{text}"
        if len(normalise(longer)) <= limit:
            packs[-1] = longer
        elif len(normalise(text)) <= limit:
            packs.append(text)
    return packs
