import pytest

from intercup.domain.dialogue.yes_words import is_plain_yes

YES = [
    *(("privacy", text) for text in ("yes, I agree", "J'accepte.", "d'accord", "oui, bien sûr")),
    *(("privacy", text) for text in ("da, sunt de acord", "Accept", "mwafe9", "باهي موافق")),
    *(("privacy", text) for text in ("نعم، أوافق على ذلك.", "موافقة يا ابني")),
    *(("regulation", text) for text in ("yes I have read the rules", "da, am citit", "موافق")),
    ("regulation", "oui, j'ai lu le règlement"),
    *(("confirmation", text) for text in ("send it", "c'est parfait, envoyez", "صافي صيفط")),
    *(("confirmation", text) for text in ("da, trimiteți", "تمام ابعتها")),
]
NO_YES = [
    *(("privacy", text) for text in ("yes but not my data", "I read it", "oui mais non")),
    *(("privacy", text) for text in ("je ne suis pas d'accord", "nu sunt de acord", "my data")),
    *(("privacy", text) for text in ("da, dar nu acum", "ماشي موافقة", "لا أوافق", "غير موافق")),
    *(("privacy", text) for text in ("نعم؟", "ok لا", "agree?", "d'accord ?", "send it")),
    *(("regulation", text) for text in ("I have read it", "j'ai lu", "am citit", "yes later")),
    ("regulation", "قرأت النظام"),
    *(("confirmation", text) for text in ("don't send it", "n'envoyez pas", "nu trimiteți")),
    *(("confirmation", text) for text in ("لا ترسل", "استنى", "wait")),
]


@pytest.mark.parametrize(("step", "text"), YES)
def test_a_text_of_foreign_words_of_a_yes_is_explicit(step: str, text: str) -> None:
    assert is_plain_yes(text, step)


@pytest.mark.parametrize(("step", "text"), NO_YES)
def test_any_other_foreign_word_makes_a_yes_none(step: str, text: str) -> None:
    assert not is_plain_yes(text, step)
