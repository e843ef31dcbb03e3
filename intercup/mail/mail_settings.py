"""The settings of all mails, in a module that doesn't load the composer's texts."""

from dataclasses import dataclass

from intercup.mail.bounce_address import BounceAddress


@dataclass(frozen=True)
class MailSettings:
    """The mails' sender, the URL of our pages, the address for reports, the files' limit."""

    mail_from: str
    base_url: str
    bounces: BounceAddress | None = None  # None: nobody reads delivery reports
    files_max: int = 10_000_000  # bytes of files in an office's mail; beyond, a page has them

    def envelope_from(self, message_id: str, role: str, recipient: str) -> str:
        """Return the envelope sender of a mail to one recipient; always the same."""
        return self.bounces.of(message_id, role, recipient) if self.bounces else self.mail_from
