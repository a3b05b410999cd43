"""Credentials of web APIs: a fixed header, or a token that is fetched, kept in memory and fetched again."""

from collections.abc import Mapping
from typing import Any

from connectors.sources.web.http_messages import Answer, Call

_SPARE_SECONDS = 60.0  # a token is renewed before it ends, so that no call meets its end


class Auth:
    """A header that never changes: a service key, or an e-mail with an API token."""

    can_renew = False

    def __init__(self, header: str) -> None:
        self._header: str | None = header
        self.secrets: set[str] = {header, header.partition(" ")[2]}
        self.origin: str | None = None  # where the API is, when the login tells

    def header(self, now: float) -> str | None:
        """Return the value of `Authorization`; None when a login has to come first. `now`: monotonic seconds."""
        del now
        return self._header

    def login(self) -> Call | None:
        """Return the call that fetches a token; None where there is nothing to fetch."""
        return None

    def accept(self, answer: Answer, now: float) -> bool:
        """Take the answer to `login`; return whether it holds a token."""
        raise NotImplementedError

    def forget(self) -> None:
        """Drop the token: the server no longer takes it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class TokenAuth(Auth):
    """A token by OAuth; `grant` holds the fields of the token request, sent as a form or as JSON."""

    can_renew = True

    def __init__(self, url: str, grant: Mapping[str, str], *, as_json: bool = False) -> None:
        self._url = url
        self._grant = dict(grant)
        self._as_json = as_json
        self._header: str | None = None
        self._ends: float | None = None
        self.secrets = {value for name, value in grant.items() if name not in ("grant_type", "scope")}
        self.origin = None

    def header(self, now: float) -> str | None:
        """Return the header of a token that is not about to end."""
        return None if self._ends is not None and now >= self._ends else self._header

    def login(self) -> Call | None:
        """Return the token request."""
        if self._as_json:
            return Call("POST", self._url, json=self._grant)
        return Call("POST", self._url, form=self._grant)

    def accept(self, answer: Answer, now: float) -> bool:
        """Keep the token; a refresh token that comes with it replaces the one before."""
        data: Any = answer.data if isinstance(answer.data, dict) else {}
        token = data.get("access_token")
        if not isinstance(token, str) or not token:
            return False
        self._header = f"Bearer {token}"
        self.secrets |= {token}
        lasts = data.get("expires_in")
        self._ends = None
        if isinstance(lasts, (int, float)):
            self._ends = now + max(lasts - _SPARE_SECONDS, lasts / 2)
        if "refresh_token" in self._grant and isinstance(data.get("refresh_token"), str):
            self._grant["refresh_token"] = data["refresh_token"]
            self.secrets |= {data["refresh_token"]}
        if isinstance(data.get("instance_url"), str):
            self.origin = data["instance_url"].rstrip("/")
        return True

    def forget(self) -> None:
        """Drop the token."""
        self._header = None
