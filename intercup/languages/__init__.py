"""The citizens' pages and mails in other languages: catalogues, formats; used by web and mail."""
