"""Mails: composed, sent by SMTP, read back as bounces. Called by the services alone."""
