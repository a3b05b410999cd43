"""Web APIs that are declared rather than coded: what a declaration says, and how settings choose one."""

from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from connectors.settings.api import BaseUrl, Credential, ReconciledApi
from connectors.settings.mapping import Flag
from connectors.settings.types import TimeZone
from connectors.settings.yaml import parse_yaml

_STRICT = ConfigDict(extra="forbid", frozen=True)
_FOLDER = resources.files("connectors.sources.web") / "apis"
CREDENTIALS = ("token", "client_id", "client_secret", "refresh_token", "redirect_uri")


class Login(BaseModel):
    """How a token is fetched: `grant` is sent as a form, or as a query where the method is GET."""

    model_config = _STRICT
    path: str
    method: Literal["GET", "POST"] = "POST"
    grant: dict[str, str]


class AuthRules(BaseModel):
    """How calls are authorised: a header of fixed text, a user name and password, or a token that is fetched."""

    model_config = _STRICT
    header: str = "Authorization"
    value: str | None = None
    user: str | None = None
    password: str | None = None
    login: Login | None = None


class Limit(BaseModel):
    """At most `calls` in any `seconds`."""

    model_config = _STRICT
    calls: PositiveInt
    seconds: PositiveFloat


class FaultRules(BaseModel):
    """Where an answer says what is wrong. `when`: what only a failed answer holds, though its status is good.

    A code among `retry`, `quota` and `login` is treated so; any other one means that the question is at fault.
    """

    model_config = _STRICT
    when: str | None = None
    equals: str | None = None
    code: str | None = None
    text: str | None = None
    retry: tuple[str, ...] = ()
    quota: tuple[str, ...] = ()
    login: tuple[str, ...] = ()


class CallRules(BaseModel):
    """One request. `{since}`, `{until}`, `{size}`, `{last}`, `{offset}`, `{token}` and options are filled in.

    A parameter whose value comes out empty is left out.
    """

    model_config = _STRICT
    path: str
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, str] = {}
    body: Any = None


class SinceRules(BaseModel):
    """How a time of change is asked for: `format` is iso, epoch, epoch_ms or a pattern of strftime, local to `zone`.

    `first` is asked for by a first load. A delta starts `overlap` seconds before the last one began; with `reread`,
    days, at least so far back: for filters by another time than that of change. Of those rows the ones are passed over
    whose `changed`, a column with epoch seconds, says that they did not change since.
    """

    model_config = _STRICT
    format: str = "iso"
    zone: TimeZone = "UTC"
    first: str = ""
    overlap: NonNegativeFloat = 600.0
    reread: NonNegativeFloat = 0.0
    changed: str = ""


class PageRules(BaseModel):
    """How pages follow each other.

    keyset: the next page starts behind the last row's `column` (`first` before any). offset: with the last row once
    more, so that it is noticed when rows moved; ends at `total`. Either one ends where a page has nothing new, however
    many rows it was asked for. token: at the value of `token`, while `more` is not false; `start` is a call whose
    answer holds the first token.
    """

    model_config = _STRICT
    kind: Literal["keyset", "offset", "token"]
    size: PositiveInt = 100
    column: str = ""
    first: str = ""
    token: str = ""
    more: str | None = None
    total: str | None = None
    start: CallRules | None = None


class ObjectRules(BaseModel):
    """One kind of row: how its list is called, where its rows are, and what their columns mean.

    An answer without a list at `rows` is a fault, unless empty pages come so (`may_lack_rows`).
    `cell`: where a column is an object, the key of its value. `detail`: a call for each row, whose answer (at
    `detail_rows`) is put over it. `compare`: whether rows may vanish, so that all ids are compared every
    `reconcile_days`. Without `since` every run reads all rows.
    """

    model_config = _STRICT
    call: CallRules
    rows: str
    may_lack_rows: bool = False
    pages: PageRules
    since: SinceRules | None = None
    id: tuple[str, ...]
    updated_at: tuple[str, ...] = ()
    deleted: Flag | None = None
    cell: str | None = None
    detail: CallRules | None = None
    detail_rows: str = ""
    compare: bool = True


class Declaration(BaseModel):
    """One API: where it is, how to log in, which objects it has.

    `needs`: credential -> what it is. `options`: option of a stream -> what it is; `defaults` are theirs.
    """

    model_config = _STRICT
    note: str
    base_url: BaseUrl | None = None
    needs: dict[str, str]
    options: dict[str, str] = {}
    defaults: dict[str, str] = {}
    auth: AuthRules
    headers: dict[str, str] = {}
    limit: Limit | None = None
    faults: FaultRules = FaultRules()
    objects: dict[str, ObjectRules]

    def needed_options(self, object_: str) -> tuple[str, ...]:
        """Return the options that a stream of an object has to give: those of its calls without a default."""
        rules = self.objects.get(object_)
        text = repr(rules.model_dump()) if rules else ""
        return tuple(name for name in self.options if name not in self.defaults and f"{{{name}}}" in text)

    @model_validator(mode="after")
    def _known_credentials(self) -> Self:
        unknown = [name for name in self.needs if name not in CREDENTIALS]
        if unknown:
            raise ValueError(f"needs {unknown[0]}, which is none of {', '.join(CREDENTIALS)}")
        return self


DeclaredName = Literal["kintone", "intercom", "marketo", "mailchimp", "shopify", "base", "declared"]


class DeclaredApi(ReconciledApi):
    """An API by its declaration: a packaged one, or with `system: declared` that of the settings.

    Which credentials it takes is part of the declaration.
    """

    system: DeclaredName
    base_url: BaseUrl | None = None
    token: Credential | None = None
    client_id: Credential | None = None
    client_secret: Credential | None = None
    refresh_token: Credential | None = None
    redirect_uri: str | None = None
    declaration: Declaration | None = Field(default=None)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.system == "declared") != (self.declaration is not None):
            raise ValueError("needs a declaration with system: declared, and none with any other")
        rules = self.rules
        for name, about in rules.needs.items():
            if not getattr(self, name):
                raise ValueError(f"needs {name}: {about}")
        extra = [name for name in CREDENTIALS if getattr(self, name) and name not in rules.needs]
        if extra:
            raise ValueError(f"takes no {extra[0]}; it needs {', '.join(rules.needs)}")
        if not (self.base_url or rules.base_url):
            raise ValueError("needs base_url: the https:// address of the account")
        return self

    @property
    def rules(self) -> Declaration:
        """The declaration."""
        return self.declaration or load_declaration(self.system)

    @property
    def address(self) -> str:
        """Where the API is."""
        return str(self.base_url or self.rules.base_url)

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials that are set, by name."""
        return {name: str(value) for name in CREDENTIALS if (value := getattr(self, name))}


@cache
def declared_systems() -> tuple[str, ...]:
    """Return the systems with a packaged declaration, sorted."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in _FOLDER.iterdir() if f.name.endswith(".yaml")))


@cache
def load_declaration(name: str) -> Declaration:
    """Return the packaged declaration `name`, one of `declared_systems()`."""
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return Declaration.model_validate(parse_yaml(text, name).data)
