"""The service provider: SPID and CIE behind one small interface."""

import hmac
import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as ValidationError

from intercup.identity.attributes import citizen_from
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.logout import (
    LogoutByForm,
    LogoutByRedirect,
    answer_posted,
    answer_redirected,
)
from intercup.identity.messages import Outgoing, SpidAuth
from intercup.identity.metadata import signed_metadata
from intercup.identity.providers import IdentityProvider, load_identity_providers
from intercup.identity.response import Expected, SpidResponse
from intercup.identity.saml_xml import decode, parse
from intercup.identity.scheme import Scheme
from intercup.identity.spid_settings import SpidSettings, request_data, toolkit_settings
from intercup.identity.verified_identity import VerifiedIdentity

__all__ = [
    "IdentityProvider",
    "LoginStart",
    "Outgoing",
    "PendingLogin",
    "ServiceProvider",
    "SpidSettings",
    "load_identity_providers",
]

logger = logging.getLogger(__name__)

RELAY_STATE_BYTES = 32
# Our own checks come first, so these are the reasons found only by python3-saml.
_TOOLKIT_REASONS = {
    ValidationError.WRONG_SUBJECTCONFIRMATION: Reason.EXPIRED,
    ValidationError.SESSION_EXPIRED: Reason.EXPIRED,
    ValidationError.NO_ATTRIBUTESTATEMENT: Reason.MISSING_ATTRIBUTE,
    ValidationError.DUPLICATED_ATTRIBUTE_NAME_FOUND: Reason.INVALID_ATTRIBUTE,
}


@dataclass(frozen=True)
class LoginStart:
    """A started login: the address for the browser and the record to keep."""

    request_id: str
    issue_instant: datetime
    message: Outgoing
    relay_state: str
    request_xml: str

    @property
    def redirect_url(self) -> str:
        return self.message.url


@dataclass(frozen=True)
class PendingLogin:
    """The caller's record of a LoginStart, for one use by one browser."""

    request_id: str
    issue_instant: datetime
    idp_entity_id: str
    relay_state: str


class ServiceProvider:
    """Logins with the given identity providers."""

    def __init__(self, settings: SpidSettings, providers: Iterable[IdentityProvider]) -> None:
        self._settings = settings
        self._providers = {provider.entity_id: provider for provider in providers}

    @property
    def scheme(self) -> Scheme:
        return self._settings.scheme

    def begin(self, idp_entity_id: str, now: datetime) -> LoginStart:
        """Build a signed request for an identity provider, by the configured binding.

        Raises:
            LoginRefused: the identity provider isn't known.
        """
        settings = toolkit_settings(self._settings, self._provider(idp_entity_id))
        relay_state = secrets.token_urlsafe(RELAY_STATE_BYTES)
        instant = now.replace(microsecond=0)
        auth = SpidAuth(request_data(self._settings.acs_url), settings, instant)
        message = auth.start(relay_state)
        return LoginStart(
            request_id=auth.get_last_request_id(),
            issue_instant=instant,
            message=message,
            relay_state=relay_state,
            request_xml=auth.get_last_request_xml(),
        )

    def complete(
        self, saml_response: str, relay_state: str, pending: PendingLogin, now: datetime
    ) -> VerifiedIdentity:
        """Check the answer to a pending login (base64) and return who logged in.

        Takes milliseconds of processor time and reads schema files. `now` must be the current
        time: python3-saml's later checks read the clock.

        Raises:
            LoginRefused: with the key of the reason.
        """
        if not hmac.compare_digest(relay_state.encode(), pending.relay_state.encode()):
            raise LoginRefused(Reason.WRONG_RELAY_STATE)
        provider = self._provider(pending.idp_entity_id)
        expected = Expected(
            self._settings, provider, pending.request_id, pending.issue_instant, now
        )
        with _refusing():
            return self._complete(saml_response, expected)

    def metadata(self) -> bytes:
        """Return this service provider's signed metadata."""
        return signed_metadata(self._settings)

    def answer_logout(self, request: LogoutByRedirect | LogoutByForm, now: datetime) -> Outgoing:
        """Answer a provider's logout request.

        Raises:
            LoginRefused: the request isn't signed by a known provider, or not for us.
        """
        with _refusing():
            if isinstance(request, LogoutByForm):
                return answer_posted(self._settings, self._provider, request, now)
            return answer_redirected(self._settings, self._provider, request, now)

    def _provider(self, entity_id: str) -> IdentityProvider:
        try:
            return self._providers[entity_id]
        except KeyError:
            raise LoginRefused(Reason.IDP_UNKNOWN) from None

    def _complete(self, saml_response: str, expected: Expected) -> VerifiedIdentity:
        parse(decode(saml_response))
        settings = toolkit_settings(self._settings, expected.provider)
        response = SpidResponse(settings, saml_response, expected)
        if not response.is_valid(request_data(self._settings.acs_url), expected.request_id):
            raise LoginRefused(Reason.MALFORMED)
        return citizen_from(response.attribute_values())


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn the libraries' exceptions into refusals, without their texts."""
    try:
        yield
    except LoginRefused:
        raise
    except ValidationError as error:
        raise LoginRefused(_TOOLKIT_REASONS.get(error.code, Reason.MALFORMED)) from None
    # python3-saml and xmlsec raise bare Exceptions, whose texts may quote the message.
    except Exception as error:
        logger.warning("A SAML message could not be read: %s", type(error).__name__)
        raise LoginRefused(Reason.MALFORMED) from None
