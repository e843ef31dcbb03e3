"""Marks that stand for what was removed: one private character each, until the text is written."""

EMAIL, PHONE, FISCAL, CODE, NUMBER, DATE, ADDRESS, LINK, NAME = map(chr, range(0xE000, 0xE009))
WORDS = {
    EMAIL: "[e-mail]",
    PHONE: "[telefono]",
    FISCAL: "[codice fiscale]",
    CODE: "[codice]",
    NUMBER: "[numero]",
    DATE: "[data]",
    ADDRESS: "[indirizzo]",
    LINK: "[collegamento]",
    NAME: "[nome]",
}
