"""meibo.yaml and the environment, typed and checked, read once."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt
from sqlalchemy.engine import make_url

from connectors.settings.api import ApiObject
from connectors.settings.checks import validate_document
from connectors.settings.gates import GateSettings
from connectors.settings.mapping import MappingRules
from connectors.settings.storage import FilePath, StorageSettings
from connectors.settings.systems import ApiSettings
from connectors.settings.types import (
    Country,
    Cron,
    Delimiter,
    Encoding,
    OptionText,
    Resource,
    SecretText,
    SecretUrl,
    TimeZone,
)
from connectors.settings.yaml import expand_variables, parse_yaml
from connectors.sources.loaders import LoaderName
from connectors.sources.preset import find_role, load_preset
from resolve.errors import ConfigError

_STRICT = ConfigDict(extra="forbid", frozen=True)
# No result depends on them, so they are not part of the hash: a warehouse that moves is still the same one.
_BESIDE = ("warehouse", "publish", "gates", "retention", "schedule")


class StreamSettings(MappingRules):
    """One table, query, set of files or object of an API, and how its columns become fields."""

    path: FilePath | None = None
    object: ApiObject | None = None
    options: dict[str, OptionText] = Field(default_factory=dict)
    format: Literal["csv", "tsv", "parquet", "jsonl", "json", "xlsx"] | None = None
    sheet: str | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    header_line: PositiveInt | None = None
    url: SecretUrl | None = None
    table: str | None = None
    query: str | None = None
    loader: LoaderName | None = None
    resource: Resource | None = None
    overlap_seconds: NonNegativeFloat = 300.0
    snapshot: bool | Literal["latest"] = False
    max_gone_rate: float = Field(default=0.1, ge=0, le=1)
    time_zone: TimeZone | None = None
    preset: str | None = None


class SourceSettings(BaseModel):
    """One system that holds contacts: its streams, and what is true of all of them."""

    model_config = _STRICT
    kind: Literal["sales", "marketing", "support"]
    country: Country | None = None
    rank: PositiveInt | None = None
    time_zone: TimeZone | None = None
    url: SecretUrl | None = None
    api: ApiSettings | None = None
    storage: StorageSettings | None = None
    loader: LoaderName | None = None
    streams: dict[str, StreamSettings]


class PublishSettings(BaseModel):
    """What is written besides the warehouse: the published tables as Parquet, and a report (HTML) of each run."""

    model_config = _STRICT
    parquet: Path | None = None
    report: Path | None = None


class IdentitySettings(BaseModel):
    """How golden IDs are minted."""

    model_config = _STRICT
    key: SecretText = SecretText("meibo")


class QuarantineSettings(BaseModel):
    """How many rows of a stream may be unusable before its source counts as failed."""

    model_config = _STRICT
    max_rate: float = Field(default=0.05, ge=0, le=1)


class RetentionSettings(BaseModel):
    """How many days a version of a raw row is kept after a newer one replaced it; null: for ever."""

    model_config = _STRICT
    raw_days: PositiveInt | None = None


class ScheduleSettings(BaseModel):
    """When the nightly run starts; the time zone is the settings' own unless given."""

    model_config = _STRICT
    cron: Cron = "0 3 * * *"
    time_zone: TimeZone | None = None


class Settings(BaseModel):
    """The whole of meibo.yaml; after loading, sources hold country, time zone and rank, streams role and time zone.

    `warehouse`, `model` and the paths of `publish` are absolute after loading; stream paths stay relative to `folder`.
    """

    model_config = _STRICT
    warehouse: SecretUrl = SecretUrl("sqlite:///meibo.db")
    default_country: Country = "JP"
    time_zone: TimeZone = "Asia/Tokyo"
    sources: dict[str, SourceSettings]
    model: Path | None = None
    training: Literal["auto", "never"] = "auto"  # auto: fitted to the contacts of the first run, then kept
    publish: PublishSettings = PublishSettings()
    identity: IdentitySettings = IdentitySettings()
    quarantine: QuarantineSettings = QuarantineSettings()
    gates: GateSettings = GateSettings()
    retention: RetentionSettings = RetentionSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    folder: Path = Field(default=Path(), exclude=True)
    config_hash: str = Field(default="", exclude=True)

    def shown(self) -> dict[str, Any]:
        """Return the settings as plain data with secrets masked, fit for a screen or a log."""
        shown: dict[str, Any] = _mask(self.model_dump(mode="python", by_alias=True, exclude_defaults=True))
        return shown


def _mask(value: Any) -> Any:
    """Return plain data in which secret texts are masked."""
    if isinstance(value, SecretText):
        return value.masked()
    if isinstance(value, dict):
        return {k: _mask(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mask(v) for v in value]
    return str(value) if isinstance(value, Path) else value


def load_settings(path: Path, environ: Mapping[str, str], *, reads_sources: bool = True) -> Settings:
    """Return the settings in the file at `path`, `${VAR}` references filled from `environ`.

    Whoever does not read the sources may do without the variables named there. Raises ConfigError that lists every
    mistake with its YAML path and line; no message shows a value from the environment, a password or a key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `meibo init` writes one to start from") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_settings(text, path.name, path.parent, environ, reads_sources=reads_sources)


def parse_settings(
    text: str, name: str, folder: Path, environ: Mapping[str, str], *, reads_sources: bool = True
) -> Settings:
    """Return the settings in `text`; relative paths are taken from `folder`. Raises ConfigError as `load_settings`."""
    document = parse_yaml(text, name)
    if not reads_sources:
        with suppress(ConfigError):  # where a stand-in is of the wrong form, the variable is what is missing
            stood_in = expand_variables(document, environ, unused="sources")
            return _complete(validate_document(Settings, stood_in, name), folder.resolve())
    settings = validate_document(Settings, expand_variables(document, environ), name)
    return _complete(settings, folder.resolve())


def _complete(settings: Settings, folder: Path) -> Settings:
    """Return the settings with inherited values filled in, paths made absolute, and their hash."""
    sources = {
        name: source.model_copy(
            update={
                "country": source.country or settings.default_country,
                "time_zone": source.time_zone or settings.time_zone,
                "rank": source.rank or position,
                "streams": {
                    stream: _complete_stream(stream, rules, source.time_zone, settings.time_zone)
                    for stream, rules in source.streams.items()
                },
            }
        )
        for position, (name, source) in enumerate(settings.sources.items(), start=1)
    }
    content = {key: value for key, value in settings.shown().items() if key not in _BESIDE}
    canonical = json.dumps(content | {"sources_in_order": list(sources)}, sort_keys=True, ensure_ascii=False)
    publish = {name: path and folder / path for name, path in settings.publish}
    schedule_zone = settings.schedule.time_zone or settings.time_zone
    return settings.model_copy(
        update={
            "sources": sources,
            "warehouse": absolute_url(settings.warehouse, folder),
            "model": settings.model and folder / settings.model,
            "publish": settings.publish.model_copy(update=publish),
            "schedule": settings.schedule.model_copy(update={"time_zone": schedule_zone}),
            "folder": folder,
            "config_hash": hashlib.sha256(canonical.encode()).hexdigest(),
        }
    )


def _complete_stream(stream: str, rules: StreamSettings, source_zone: str | None, zone: str) -> StreamSettings:
    """Return a stream with its role and time zone: its own, its source's, its preset's, or the general one."""
    preset_zone = load_preset(rules.preset).time_zone if rules.preset else None
    chosen = rules.time_zone or source_zone or preset_zone or zone
    return rules.model_copy(update={"role": find_role(stream, rules.role, rules.preset), "time_zone": chosen})


def absolute_url(url: SecretUrl, folder: Path) -> SecretUrl:
    """Return a database URL in which the file of SQLite is absolute; other databases' URLs as they are."""
    parsed = make_url(url)
    database = parsed.database
    if parsed.get_backend_name() not in ("sqlite", "duckdb") or not database or database.startswith((":", "file:")):
        return url
    return SecretUrl(parsed.set(database=str(folder / database)).render_as_string(hide_password=False))
