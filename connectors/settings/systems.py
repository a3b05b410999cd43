"""Every system whose web API can be a source: coded ones and declared ones, told apart by `system`."""

from typing import Annotated, Any

from pydantic import Field, ValidationError

from connectors.settings.api import OBJECTS, ApiRules, HubSpotApi, SalesforceApi, ZendeskApi
from connectors.settings.declared import Declaration, DeclaredApi, declared_systems, load_declaration

ApiSettings = Annotated[SalesforceApi | HubSpotApi | ZendeskApi | DeclaredApi, Field(discriminator="system")]
SYSTEMS: dict[str, type[ApiRules]] = {"salesforce": SalesforceApi, "hubspot": HubSpotApi, "zendesk": ZendeskApi}
SYSTEMS |= dict.fromkeys((*declared_systems(), "declared"), DeclaredApi)


def known_objects(api: Any) -> tuple[str, ...]:
    """Return the objects that an API has, given as it stands in the file; none where any name may be right."""
    rules = _declaration(api)
    system = str(api.get("system")) if isinstance(api, dict) else ""
    return tuple(rules.objects) if rules else OBJECTS.get(system, ())


def wanted_options(api: Any, object_: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the options that streams of an API take, with what they are, and those that an object has to have."""
    rules = _declaration(api)
    return (rules.options, rules.needed_options(str(object_))) if rules else ({}, ())


def _declaration(api: Any) -> Declaration | None:
    """Return the declaration that an API of the file goes by; None for a coded one, and for what is no API."""
    if not isinstance(api, dict):
        return None
    if api.get("system") in declared_systems():
        return load_declaration(api["system"])
    try:
        return Declaration.model_validate(api["declaration"]) if isinstance(api.get("declaration"), dict) else None
    except ValidationError:
        return None
