import pytest

from intercup.domain.mailbox import inbox_of


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
