"""The settings of all mails, apart from the composer: settings are read without its texts."""

from dataclasses import dataclass

from intercup.mail.bounce_address import BounceAddress


@dataclass(frozen=True)
class MailSettings:
    """The mails' settings: their sender, the address of our pages, the address for reports."""

    mail_from: str
    base_url: str
    bounces: BounceAddress | None = None  # None: nobody reads delivery reports

    def envelope_from(self, message_id: str, role: str, recipient: str) -> str:
        """Return the envelope sender of a mail to one recipient; always the same."""
        return self.bounces.of(message_id, role, recipient) if self.bounces else self.mail_from
