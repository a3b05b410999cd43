"""Files of an S3 store, fetched to a temporary file before they are read.

A fetched file is whole and stays the same while it is read, whatever happens to the object; Parquet and Excel files
need to seek, and the encoding of a text file is proven over all of it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from connectors.settings.storage import SCHEME, StorageSettings
from connectors.sources.files.stored import Mark, StoredFile
from resolve.errors import SourceError

ATTEMPTS = 5
_SIGNS = "*?["
_NO_KEYS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError")
_PASSING = (
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ConnectionClosedError",
    "TimeoutError",
)


class S3Files:
    """The objects of a store, named by their address."""

    is_remote = True

    def __init__(self, source: str, storage: StorageSettings) -> None:
        """Take the store's settings; nothing is asked yet."""
        self._source = source
        self._storage = storage
        self._files: Any = None

    def find(self, pattern: str) -> list[StoredFile]:
        """Return the objects by name, as the store lists them now."""
        with self._explained(f"{pattern} cannot be listed"):
            store = self._open()
            store.invalidate_cache()
            is_pattern = any(sign in pattern for sign in _SIGNS)
            found = list(store.glob(pattern, detail=True).values()) if is_pattern else _info(store, pattern)
        files = [_stored(about) for about in found if about["type"] == "file" and about["size"] is not None]
        return sorted(files, key=lambda file: file.name)

    def explain(self, pattern: str) -> str:
        """Return what is below the fixed part of the pattern."""
        fixed = next((at for at, sign in enumerate(pattern) if sign in _SIGNS), len(pattern))
        above = pattern[:fixed].rpartition("/")[0]
        with self._explained(f"{above} cannot be listed"):
            there = sorted(f"{name.rpartition('/')[2]}" for name in self._list(above))
        return f"{above} holds: {', '.join(there[:8]) + (' …' if len(there) > 8 else '') if there else 'nothing'}"

    @contextmanager
    def lend(self, file: StoredFile) -> Iterator[Path]:
        """Yield a temporary copy that is deleted afterwards; its name is the object's own, for the suffix tells."""
        with tempfile.TemporaryDirectory(prefix="meibo-") as folder:
            path = Path(folder) / PurePosixPath(file.address).name
            with self._explained(f"{file.name} cannot be fetched"):
                self._open().get_file(file.address, str(path))
            yield path

    def _list(self, above: str) -> list[str]:
        """Return the names below a prefix; none where there is nothing."""
        try:
            return list(self._open().ls(above, detail=False))
        except FileNotFoundError:
            return []

    def _open(self) -> Any:
        """Return the file system of fsspec. Raises SourceError when its package is not installed."""
        if self._files is None:
            try:
                from s3fs import S3FileSystem
            except ImportError:
                hint = "Install Meibo with its extra for S3: meibo[s3]"
                raise SourceError(self._source, "files under s3:// need the package s3fs", hint) from None
            storage = self._storage
            client = {"endpoint_url": storage.endpoint_url, "region_name": storage.region}
            self._files = S3FileSystem(
                anon=storage.anonymous,
                key=storage.access_key and str(storage.access_key),
                secret=storage.secret_key and str(storage.secret_key),
                token=storage.session_token and str(storage.session_token),
                client_kwargs={name: value for name, value in client.items() if value},
                config_kwargs={"retries": {"mode": "standard", "max_attempts": ATTEMPTS}, "connect_timeout": 10},
                skip_instance_cache=True,
                use_listings_cache=False,
            )
        return self._files

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn what may go wrong into a SourceError that shows no credential."""
        try:
            yield
        except SourceError:
            raise
        except PermissionError:
            hint = "Check the keys and the rights to list the bucket and to read its objects"
            raise SourceError(self._source, f"{what}: access denied", hint) from None
        except FileNotFoundError:
            raise SourceError(self._source, f"{what}: it is not there", "Check bucket and key") from None
        except Exception as error:
            kind = type(error).__name__
            if kind in _NO_KEYS:
                hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give keys under storage"
                raise SourceError(self._source, f"{what}: there are no credentials", hint) from None
            if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] not in (
                "botocore",
                "aiohttp",
            ):
                raise
            said = _without(str(error), self._storage.secrets)
            hint = "Check storage.endpoint_url and the network, or run again later"
            is_passing = kind in _PASSING or isinstance(error, TimeoutError)
            raise SourceError(self._source, f"{what}: {said}", hint, is_transient=is_passing) from None


def _info(store: Any, address: str) -> list[dict[str, Any]]:
    """Return what the store tells of one object; nothing where it is not there. `isfile` would hide every failure."""
    try:
        return [store.info(address)]
    except FileNotFoundError:
        return []


def _stored(about: dict[str, Any]) -> StoredFile:
    """Return an object as its store lists it; its ETag changes with its bytes."""
    written = about["LastModified"]
    mark: Mark = {"size": int(about["size"]), "etag": str(about.get("ETag", "")).strip('"')}
    at = written.astimezone(UTC) if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    return StoredFile(SCHEME + about["name"], SCHEME + about["name"], mark, at)


def _without(text: str, secrets: tuple[str, ...]) -> str:
    """Return the first line of a text, short, without any of the secrets."""
    line = next(iter(text.strip().splitlines()), "")[:300]
    for secret in secrets:
        line = line.replace(secret, "***")
    return line
