"""A yes in other languages: plain ones are taken, what asks, declines, names or corrects isn't."""

import pytest

from intercup.domain.dialogue.yes_words import is_explicit_yes
from tests.support.dialogue_steps import says

CONSENTS = ("privacy", "regulation")
STEPS = (*CONSENTS, "confirmation")
# Steps, and texts one a line: each counts at each of the steps.
YES = [
    (
        STEPS,
        """
        yes
        yes, I agree
        I agree
        agree
        agreed
        I am in agreement
        yes I am agreed
        ok
        okay, I accept
        Yes I accept, thank you
        yep accept
        sure
        yes of course
        I do, yes
        yes do
        I confirm
        yes, confirm
        yes I consent
        I give my consent
        oui
        ouais
        oui oui
        ok j'accepte
        J'accepte.
        J'accepte, bien entendu.
        d'accord
        oui, d'accord
        oui, bien sûr
        Oui, je consens.
        J'y consens
        je confirme
        oui madame
        merci, oui
        da
        DA
        da da
        da ok
        da sigur
        da accept
        Accept
        sunt de acord
        da, sunt de acord
        da sint de acord
        da de acord
        Da, consimt
        Da, mulțumesc
        desigur
        eu confirm
        نعم
        نعم موافق
        موافق
        موافقة يا ابني
        انا موافق
        باهي موافق
        نعم، أوافق على ذلك.
        أقبل.
        ايوه
        إي
        إي نعم
        أي نعم
        اي موافقة
        اي نعم
        ايه موافق
        واخا
        طبعا
        mwafe9
        ok wakha
        """,
    ),
    (
        ("privacy",),
        """
        yes, I agree to the use of my data
        yes I give permission
        oui je donne mon accord
        oui, j'autorise
        da, îmi dau acordul
        أوافق على معالجة البيانات
        """,
    ),
    (
        ("regulation",),
        """
        yes I have read the rules
        yes I've already read them
        ok, already read
        oui, j'ai lu le règlement
        da, am citit
        Da, accept regulamentul
        نعم قرأت النظام
        نعم، أوافق على القواعد
        """,
    ),
    (
        ("confirmation",),
        """
        send it
        do send it
        yes. send.
        ok send it please
        go ahead
        yes, go ahead please
        everything is correct
        everything is correct thank you
        is correct
        ok is correct
        correct
        correct, send it
        looks good, send it
        that is right
        all correct
        perfect
        yes good
        confirm
        c'est parfait, envoyez
        C'est parfait, vous pouvez envoyer.
        c'est bon
        c'est bon envoie
        oui c'est bien ça
        Tout est juste.
        oui allez-y
        envoyez la demande
        oui envoyer
        da, trimiteți
        E perfect, puteți trimite.
        Da, puteți trimite.
        da este corect
        e bine
        asa e da
        corect
        trimiteti cererea va rog
        صحيح ابعثها
        تمام ابعتها
        صافي صيفط
        أرسل الطلب
        نعم صحيح
        اي مظبوط
        النص صحيح، تفضلوا بإرساله.
        """,
    ),
]
NO_YES = [
    (  # questions, without their sign or with another one
        STEPS,
        """
        is this ok
        is it ok
        ok is it
        is it ok to use my data
        ok to use my data
        is everything ok
        is everything correct
        is all correct
        is all ok
        yes is this the regulation
        am i ok
        are the data ok
        do i agree to this
        ok do i agree
        do i accept
        yes do i confirm
        do you agree
        do you accept this
        you agree
        you accept
        do i have to accept this
        i have to accept
        yes i have to read
        must i accept
        hi do i accept all this
        can i accept
        could i agree
        should i accept this
        will i agree
        what do i accept
        ok what is this
        why do i accept
        how do i agree
        who do i accept
        which data
        does it accept
        did i agree
        i accept is it ok
        is it sure
        ok and my data
        yes and the rules
        agree?
        ok？
        ok ؟
        oui ﹖
        est-ce que j'accepte
        est-ce que c'est ok
        dois-je accepter
        puis-je accepter
        c'est ok
        c'est d'accord ?
        d'accord ?
        c'est quoi
        pourquoi j'accepte
        trebuie sa accept
        ok trebuie sa accept
        este ok
        este de acord
        este acceptat
        e sigur
        pot sa accept
        ce accept
        da ce accept
        de ce accept
        هل موافق
        هل اوافق على ذلك
        نعم هل
        ما هذا
        ماذا اقبل
        لماذا اوافق
        كيف اوافق
        نعم؟
        """,
    ),
    (  # words of which and what
        STEPS,
        """
        ايه
        اي
        أي
        أي موافقة
        موافقة ايه
        ايه البيانات
        أي معالجة
        ايه الطلب
        اي هذا
        ايه هذا
        اي شيء
        أي شيء
        ايه كل شيء
        ايه كل ذلك
        ايه النظام
        اي القواعد
        ايه النص
        نعم البيانات
        ey
        ey ey
        """,
    ),
    (  # polite declines and ends
        STEPS,
        """
        i am ok
        i am ok thank you
        I'm ok thanks
        i am fine
        i am good
        i am fine thank you
        yes i am good thanks
        ok i am fine
        it's ok thank you
        it is fine thanks
        all good thank you
        ok that's all
        ok that is all thank you
        thank you
        ok c'est tout
        ok c'est tout merci
        c'est bon merci
        merci bien
        sunt ok
        sunt ok mulțumesc
        eu sunt ok
        sunt bine
        bine mersi
        mersi bine
        ok e tot
        انا تمام
        انا تمام شكرا
        انا باهي
        تمام شكرا
        شكرا
        """,
    ),
    (  # names and fillers alone
        STEPS,
        """
        consent
        the consent
        yes, the data consent
        to consent
        to accept
        ok to accept
        my data
        ok my data
        the rules
        la demande
        oui la demande
        les données
        cererea
        da cererea
        datele mele
        الطلب
        نعم الطلب
        النص
        تفضلوا
        please
        everything
        yes everything please to correct
        go
        right
        bon
        bien
        puteți
        puteți trimite
        rog
        va rog
        asa
        pouvez-vous envoyer
        pouvez
        allez
        """,
    ),
    (  # other scripts beside a yes, and signs
        STEPS,
        """
        ok 不同意
        ok нет
        ok ﻻ
        ok لا
        ok όχι
        si לא
        ok ŋø
        ok 👎
        si ❌
        """,
    ),
    (  # Italian around a "da", and a refusal or a delay
        STEPS,
        """
        e da
        va da
        le da
        o da
        da le
        da il
        yes but not my data
        yes later
        wait
        oui mais non
        je ne suis pas d'accord
        nu sunt de acord
        da, dar nu acum
        ماشي موافقة
        لا أوافق
        غير موافق
        استنى
        """,
    ),
    (
        CONSENTS,
        """
        confirm
        the confirm
        ok va da
        ok do i send
        send it
        go ahead
        I read it
        I have read it
        j'ai lu
        am citit
        قرأت النظام
        Ok I read it now
        yes i do it now
        ok now
        ok read
        ok i read
        yes i read the rules
        da citit acum
        accept acum
        """,
    ),
    (
        ("confirmation",),
        """
        correct it
        please correct it
        please correct this
        ok correct this
        yes correct that
        correct please
        correct everything please
        correct and send it
        go ahead and correct
        i correct
        to correct
        to send
        do i send it
        ok do i send
        is it right
        is everything right please
        looks
        fine
        good
        don't send it
        n'envoyez pas
        est-ce que j'envoie
        j'envoie
        nu trimiteți
        este corect
        لا ترسل
        هل ترسل
        ما صحيح
        """,
    ),
]


def rows(table: list[tuple[tuple[str, ...], str]]) -> list[tuple[str, str]]:
    """List steps with texts."""
    return [
        (step, line.strip()) for steps, lines in table for line in lines.splitlines()
        for step in steps if line.strip()
    ]  # fmt: skip


@pytest.mark.parametrize(("step", "text"), rows(YES))
def test_a_text_of_foreign_words_of_a_yes_is_explicit(step: str, text: str) -> None:
    assert is_explicit_yes(says("deny", text), step)


@pytest.mark.parametrize(("step", "text"), rows(NO_YES))
def test_what_may_ask_decline_name_or_correct_is_no_yes(step: str, text: str) -> None:
    assert not is_explicit_yes(says("affirm", text), step)


@pytest.mark.parametrize("text", ["accetto нет", "accetto ﻻ", "accetto tutto？", "acconsento 不"])
@pytest.mark.parametrize("step", CONSENTS)
def test_an_italian_consent_beside_other_letters_is_none(step: str, text: str) -> None:
    assert not is_explicit_yes(says("affirm", text), step)


@pytest.mark.parametrize("text", ["Invia pure da qui", "sì invii tutto da qui per favore"])
def test_an_italian_word_that_french_has_too_leaves_a_sure_yes(text: str) -> None:
    turn = says("affirm", text, yes_to=("confirmation",))
    assert is_explicit_yes(turn, "confirmation")
