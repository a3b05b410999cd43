"""How a source's web API is reached: address, version and credentials of Salesforce, HubSpot and Zendesk.

Defaults are the ways that the vendors advise as of 2026: client credentials or a service key, current versions. All of
it is a setting, because each vendor retires a version or a way to log in every year.
"""

import ipaddress
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from connectors.settings.types import SecretText

_STRICT = ConfigDict(extra="forbid", frozen=True)
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
OBJECTS = {"zendesk": ("users", "tickets")}  # systems that have no other objects than these


def is_safe_url(url: str) -> bool:
    """Return whether a URL is https, or http to this machine: nothing else may carry a credential."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    """Return whether a host is a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_url(value: str) -> str:
    """Return a base URL without its last slash."""
    parts = urlsplit(value)
    if not is_safe_url(value) or parts.username or parts.query or parts.fragment:
        raise ValueError("should be an https:// address without user, query or fragment")
    return value.rstrip("/")


def _check_object(value: str) -> str:
    """Return the name of an object of the API."""
    if not _OBJECT.fullmatch(value):
        raise ValueError("should be the name of an object, such as Contact or tickets")
    return value


def _not_empty(value: SecretText) -> SecretText:
    """Return a credential that is not empty."""
    if not value.strip():
        raise ValueError("is empty: set the variable that it is read from")
    return value


def _as_text(value: Any) -> Any:
    """Return a YAML number as text."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


BaseUrl = Annotated[str, AfterValidator(_check_url)]
ApiObject = Annotated[str, AfterValidator(_check_object)]
Credential = Annotated[SecretText, AfterValidator(_not_empty)]


class ApiRules(BaseModel):
    """What holds for every web API: how long an answer may take, and how long a run may wait for one."""

    model_config = _STRICT
    timeout_seconds: PositiveFloat = 60.0
    max_wait_seconds: PositiveFloat = 900.0


class ReconciledApi(ApiRules):
    """An API whose rows may vanish without a trace.

    All ids are compared with those that are landed every `reconcile_days`; null: never.
    """

    reconcile_days: PositiveInt | None = 7


class SalesforceApi(ReconciledApi):
    """Salesforce: client credentials of an External Client App, on the host of My Domain.

    Reads of more than `bulk_above` rows go through a Bulk API job; null: never.
    """

    system: Literal["salesforce"]
    base_url: BaseUrl
    token_url: BaseUrl | None = None
    version: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{2,3}\.0$")] = "68.0"
    client_id: Credential
    client_secret: Credential
    bulk_above: NonNegativeInt | None = 10_000


class HubSpotApi(ReconciledApi):
    """HubSpot: a service key as `token`, or the OAuth values of an app. Version: dated, or the older v3."""

    system: Literal["hubspot"]
    base_url: BaseUrl = "https://api.hubapi.com"
    token_url: BaseUrl | None = None
    version: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}|v3)$")] = "2026-09"
    token: Credential | None = None
    client_id: Credential | None = None
    client_secret: Credential | None = None
    refresh_token: Credential | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        oauth = (self.client_id, self.client_secret, self.refresh_token)
        if bool(self.token) == any(oauth) or (any(oauth) and not all(oauth)):
            raise ValueError("needs a token (service key), or client_id, client_secret and refresh_token")
        return self


class ZendeskApi(ReconciledApi):
    """Zendesk: client credentials of an OAuth client, or `email` and `api_token`, which end on 2027-04-30.

    Users of other `roles` are staff, not contacts, and stay out. Every `reconcile_days` the list of users who were
    deleted for good is read.
    """

    system: Literal["zendesk"]
    base_url: BaseUrl
    token_url: BaseUrl | None = None
    client_id: Credential | None = None
    client_secret: Credential | None = None
    email: Credential | None = None
    api_token: Credential | None = None
    roles: tuple[str, ...] = ("end-user",)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        oauth, legacy = (self.client_id, self.client_secret), (self.email, self.api_token)
        if all(oauth) == all(legacy) or (any(oauth) and any(legacy)):
            raise ValueError("needs client_id and client_secret, or the older email and api_token")
        return self
