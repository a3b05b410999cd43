"""How an S3 store is reached: address and credentials, each left out where the environment gives it."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from connectors.settings.api import BaseUrl, Credential

SCHEME = "s3://"


def is_remote(path: str) -> bool:
    """Return whether a path names files of an S3 store."""
    return path.startswith(SCHEME)


def _check_path(value: str) -> str:
    """Return the path of files, local or `s3://bucket/key`."""
    if "://" not in value:
        return value
    bucket, _, key = value.removeprefix(SCHEME).partition("/")
    if not is_remote(value) or not bucket or not key or any(sign in bucket for sign in "*?[@:"):
        raise ValueError("should be a local path, or s3://bucket/key with the bucket's full name")
    return value


FilePath = Annotated[str, AfterValidator(_check_path)]


class StorageSettings(BaseModel):
    """An S3 store: without keys, those of the environment, of ~/.aws or of the machine's role are used.

    `endpoint_url`: a store that is not Amazon's. `anonymous`: nothing is signed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    endpoint_url: BaseUrl | None = None
    region: str | None = None
    access_key: Credential | None = None
    secret_key: Credential | None = None
    session_token: Credential | None = None
    anonymous: bool = False

    @model_validator(mode="after")
    def _whole_keys(self) -> Self:
        if bool(self.access_key) != bool(self.secret_key) or (self.session_token and not self.access_key):
            raise ValueError("needs access_key and secret_key together, or neither of them")
        if self.anonymous and self.access_key:
            raise ValueError("is anonymous, so it takes no keys")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        return tuple(str(key) for key in (self.access_key, self.secret_key, self.session_token) if key)
