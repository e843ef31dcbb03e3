"""SPID and CIE as the settings configure them."""

import asyncio
import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from intercup.administration import administration
from intercup.errors import ConfigurationError, NotFound, Unavailable
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.providers import (
    IdentityProvider,
    Registry,
    read_identity_providers,
    without_demo,
)
from intercup.identity.scheme import CIE, SPID, Scheme
from intercup.identity.service_provider import ServiceProvider, SpidSettings
from intercup.settings import Settings

logger = logging.getLogger(__name__)

SERVICE_NAME = "InterCup Assistenza"
CERTIFICATE_DAYS = 365


class Schemes:
    """The service providers. Reads files and does XML: not for the event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.active = (SPID, CIE) if settings.cie_entity_id else (SPID,)

    def named(self, name: str) -> Scheme:
        """Return the active scheme with this name.

        Raises:
            NotFound: it isn't active.
        """
        for scheme in self.active:
            if scheme.name == name:
                return scheme
        raise NotFound("not_found")

    def registration(self, scheme: Scheme) -> SpidSettings:
        """Return the registration data of a scheme.

        Raises:
            ConfigurationError: key or certificate can't be read.
        """
        settings, (key, certificate) = self._settings, self._keys
        return SpidSettings(
            base_url=settings.base_url,
            entity_id=settings.cie_entity_id if scheme is CIE else settings.spid_entity_id,
            private_key_pem=key,
            certificate_pem=certificate,
            organization_name=settings.spid_organization_name,
            organization_display_name=settings.spid_organization_name,
            organization_url=settings.spid_organization_url,
            contact_email=settings.spid_contact_email,
            contact_phone=settings.spid_contact_phone,
            ipa_code=settings.spid_ipa_code,
            service_name=administration().names.platform,
            scheme=scheme,
            request_binding=settings.spid_request_binding,
            fiscal_code=settings.spid_fiscal_code,
            municipality=settings.cie_municipality,
        )

    def registry(self, scheme: Scheme) -> Registry:
        """Read the scheme's identity providers without unusable ones."""
        folder = {SPID: self._settings.spid_providers_dir, CIE: self._settings.cie_providers_dir}[
            scheme
        ]
        if folder is None or not folder.exists():
            return Registry((), ())
        found = read_identity_providers(folder)
        return found if self._settings.is_demo else without_demo(found)

    def problems(self) -> list[str]:
        """List every unusable metadata file or entry."""
        return [problem for scheme in self.active for problem in self.registry(scheme).problems]

    def providers(self) -> dict[str, list[IdentityProvider]]:
        """List the usable identity providers of each active scheme, by its name."""
        return {scheme.name: list(self.registry(scheme).providers) for scheme in self.active}

    def service_provider(self, scheme: Scheme) -> ServiceProvider:
        """Build the service provider of a scheme, with the current files of its folder."""
        return ServiceProvider(self.registration(scheme), self.registry(scheme).providers)

    def service_provider_for(self, idp_entity_id: str) -> ServiceProvider:
        """Build the service provider for answers of an identity provider.

        Raises:
            LoginRefused: the identity provider isn't known.
        """
        for scheme in self.active:
            providers = self.registry(scheme).providers
            if any(provider.entity_id == idp_entity_id for provider in providers):
                return ServiceProvider(self.registration(scheme), providers)
        raise LoginRefused(Reason.IDP_UNKNOWN)

    @cached_property
    def _keys(self) -> tuple[str, str]:
        """Read private key and certificate; the demo creates its own."""
        settings = self._settings
        key_file, certificate_file = settings.spid_key_file, settings.spid_certificate_file
        if key_file is None or certificate_file is None:
            raise ConfigurationError(["INTERCUP_SPID_KEY_FILE: manca"])
        if settings.is_demo and not key_file.exists():
            make_certificate(settings, key_file, certificate_file, CERTIFICATE_DAYS)
        try:
            return key_file.read_text("ascii"), certificate_file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError([f"chiave o certificato SPID illeggibili: {error}"]) from error


async def in_thread[Result](work: Callable[[], Result]) -> Result:
    """Run blocking work in a thread; an unreadable key stops logins, not the service.

    Raises:
        Unavailable: a file of the configuration can't be read.
    """
    try:
        return await asyncio.to_thread(work)
    except ConfigurationError as error:
        logger.error("ALARM identity: %s", error)
        raise Unavailable("provider_unavailable") from error


def make_certificate(settings: Settings, key_file: Path, certificate_file: Path, days: int) -> None:
    """Write a new key, readable by its owner only, and its certificate."""
    key, certificate = create_key_and_certificate(
        common_name=administration().named(SERVICE_NAME),
        organization=settings.spid_organization_name,
        entity_id=settings.spid_entity_id,
        ipa_code=settings.spid_ipa_code,
        locality=settings.spid_locality,
        days=days,
    )
    for file in (key_file, certificate_file):
        file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(mode=0o600)
    key_file.write_text(key, "ascii")
    certificate_file.write_text(certificate, "ascii")
