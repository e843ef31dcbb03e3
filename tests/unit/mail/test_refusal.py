"""Refusals of a recipient as real servers word them: about that recipient, or about us."""

import pytest

from intercup.mail.refusal import is_about_us, status_of

ABOUT_US = [
    (554, "5.7.1 <cup@asp.it>: Relay access denied"),  # Postfix
    (554, "<cup@asp.it>: Relay access denied"),
    (550, "5.7.1 Relaying denied. Proper authentication required."),  # Sendmail
    (550, "relay not permitted"),  # Exim
    (513, "Relaying denied."),  # Courier
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),  # qmail
    (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),  # Exchange
    (550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"),
    (504, "5.5.2 <intercup>: Helo command rejected: need fully-qualified hostname"),
    (550, "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)"),
    (553, "5.7.1 <a@b.it>: Sender address rejected: not owned by user intercup"),
    (553, "<a@b.it>: Sender address rejected: not owned by user intercup"),
    (553, "5.1.8 Domain of sender address does not exist"),
    (550, "Sender verify failed"),
    (530, "5.7.0 Must issue a STARTTLS command first"),
    (530, "Authentication required"),
    (503, "5.5.1 Bad sequence of commands"),
    (502, "command not implemented"),
    (550, "SMTP authentication is required."),  # hMailServer
]
ABOUT_THE_RECIPIENT = [
    (550, "5.1.1 <cup@asp.it>: Recipient address rejected: User unknown"),
    (550, "5.4.1 Recipient address rejected: Access denied"),  # Exchange
    (550, "unknown"),
    (551, "User not local"),
    (552, "5.2.2 Mailbox full"),
    (553, "5.1.3 Bad recipient address syntax"),
    (554, "delivery error: dd This user doesn't have an account (#5.1.1)"),
    (554, "5.1.1 the relay knows no such user"),
    (556, "5.1.10 Domain does not accept mail"),
    (554, "no"),
    (450, "4.7.1 greylisted"),
    (454, "4.7.1 Relay access denied"),
]


@pytest.mark.parametrize(("code", "text"), ABOUT_US)
def test_a_refusal_of_what_we_are_is_not_the_recipients(code: int, text: str) -> None:
    assert is_about_us(code, text)


@pytest.mark.parametrize(("code", "text"), ABOUT_THE_RECIPIENT)
def test_a_refusal_of_a_mailbox_is_its_own(code: int, text: str) -> None:
    assert not is_about_us(code, text)


def test_the_status_is_the_servers_and_not_a_number_in_its_words() -> None:
    assert status_of("5.7.1 no") == status_of("no (#5.7.1)") == "5.7.1"
    assert status_of("host 5.7.1.9 says 5.1.1") == status_of("no") == ""
