import pytest

from intercup.domain.mailbox import addresses_in, inbox_of, is_mailbox, is_typed_mailbox


@pytest.mark.parametrize(
    ("address", "inbox"),
    [
        ("salvo.russo@example.it", "salvo.russo@example.it"),
        ("Salvo.Russo@Example.it", "salvo.russo@example.it"),
        ("salvo+1@example.it", "salvo@example.it"),
        ("salvo+a+b@example.it", "salvo@example.it"),
        ("s.a.l.v.o+x@gmail.com", "salvo@gmail.com"),
        ("sal.vo@googlemail.com", "salvo@gmail.com"),
        ("sal-vo_x@protonmail.com", "salvox@proton.me"),
        ("sal-vo@example.it", "sal-vo@example.it"),
    ],
)
def test_all_addresses_of_a_mailbox_have_one_name(address: str, inbox: str) -> None:
    assert inbox_of(address) == inbox


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mario.rossi@example.it", "mario.rossi@example.it"),
        ("mario.rossi@example.it!", "mario.rossi@example.it"),
        ("scrivetemi a “mario.rossi@example.it”, grazie", "mario.rossi@example.it"),
        ("<mailto:mario@example.it>", "mario@example.it"),
        ("e-mail: mario@example.it", "mario@example.it"),
        ("e-mail:mario@example.it.", "mario@example.it"),
        ("mario @ example.it", "mario@example.it"),
        ("mario[at]example[dot]it", "mario@example.it"),
        ("la mia mail è mario rossi chiocciola gmail punto com", "mariorossi@gmail.com"),
        ("mario punto rossi chiocciola libero punto it grazie", "mario.rossi@libero.it"),
        ("anna trattino basso vasta chiocciola virgilio punto it", "anna_vasta@virgilio.it"),
    ],
)
def test_an_address_is_found_in_its_sentence(text: str, address: str) -> None:
    assert addresses_in(text) == {address}
    assert is_typed_mailbox(address)


@pytest.mark.parametrize(
    "text",
    [
        "e-mail=mario@example.it",
        "mario@@example.it",
        "mario@example",
        "chiocciola",
        f"{'a' * 65}@example.it",
        "@",
    ],
)
def test_what_only_looks_like_an_address_does_not_pass(text: str) -> None:
    found = addresses_in(text)
    assert found
    assert not any(is_typed_mailbox(address) for address in found)


def test_a_sentence_without_an_address_has_none() -> None:
    assert addresses_in("il codice non arriva mai") == set()


def test_the_name_of_a_mailbox_has_64_characters() -> None:
    assert is_mailbox(f"{'a' * 64}@example.it")
    assert not is_mailbox(f"{'a' * 65}@example.it")
