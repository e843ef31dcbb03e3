"""SPID and CIE: the service provider, its metadata, and the demo's identity provider."""
