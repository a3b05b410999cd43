"""Which model scores a run: the active one of the warehouse, or one fitted now to the contacts at hand."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row

from connectors.warehouse.store import load_active_model, save_model
from flows import console
from flows.run import Run
from resolve.errors import ConfigError, counted
from resolve.link.encode import Encoded
from resolve.model import MatchModel

Contacts = pd.DataFrame | Encoded  # CONTACTS, or the same encoded: what training sees linking sees too
TRAIN_FROM = 50  # contacts; with fewer there is nothing to learn from


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model and how it came about; `report` of its training.

    `origin` is stored, upgraded, edited, fitted, given or shipped.
    """

    model: MatchModel
    version: str  # kept: to hash a model takes as long as to write it
    origin: str
    base_version: str
    trained_on: int | None = None
    report: dict[str, object] | None = None

    @property
    def is_new(self) -> bool:
        """Whether the warehouse does not hold it yet."""
        return self.origin != "stored"


def read_model(path: Path | None) -> MatchModel:
    """Return the model in a file, the shipped one without a file; raise ConfigError with every mistake."""
    if path is None:
        return MatchModel.shipped()
    try:
        return MatchModel.from_yaml(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `meibo init` writes a model.yaml to start from") from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path}: cannot be read as UTF-8 text") from None
    except ConfigError as error:
        raise ConfigError([f"{path}: {mistake}" for mistake in error.mistakes]) from None


def choose_model(run: Run, contacts: Contacts) -> ChosenModel:
    """Return the stored model; without one, or when the user's model.yaml has changed, one fitted to CONTACTS."""
    base = read_model(run.settings.model)
    with run.transactions.begin() as conn:
        stored = load_active_model(conn)
    return known_model(run.settings.model, stored) or fit_model(run, contacts, base)


def known_model(path: Path | None, stored: Row[Any] | None) -> ChosenModel | None:
    """Return the stored model with what the settings say now, `path` their model.yaml; None where one is to be fitted.

    What training starts from must be what it was when the stored one was fitted. Thresholds, and the rules of what
    follows links, are those of the file: nothing has to be learnt for them.
    """
    if stored is None:
        return None
    fitted_from = str(json.loads(stored.report or "{}").get("base_version"))
    if path is None:
        return _read_stored(stored.version, stored.body, fitted_from)
    base = read_model(path)
    if fitted_from not in (base.learnt_from, base.version):  # the latter is what earlier versions noted
        return None
    known = replace(_read_stored(stored.version, stored.body, fitted_from), trained_on=stored.trained_on)
    edited = known.model.with_policy_of(base)
    if edited is known.model:
        return known
    report: dict[str, object] = {"edited_from": known.version}
    return replace(known, model=edited, version=edited.version, origin="edited", report=report)


def _read_stored(version: str, body: str, base_version: str) -> ChosenModel:
    """Return the model in the warehouse; one that an older version of Meibo wrote is put right, said and kept anew."""
    model, notes = stored_model(body)
    if not notes:
        return ChosenModel(model, version, "stored", base_version)
    console.say(
        f"model {version} is from an older version of Meibo and was upgraded to {model.version}: {'; '.join(notes)}. "
        "`meibo train` fits it to the contacts again"
    )
    report: dict[str, object] = {"upgraded_from": version, "upgrade": notes}
    return ChosenModel(model, model.version, "upgraded", base_version, report=report)


@lru_cache(maxsize=1)  # a night asks twice, and a trained model is long
def stored_model(body: str) -> tuple[MatchModel, list[str]]:
    """Return a model from its stored text, and what had to be changed because an older version of Meibo wrote it.

    Raises ConfigError where it cannot be put right.
    """
    try:
        return MatchModel.from_yaml(body), []
    except ConfigError:
        pass
    try:
        return MatchModel.upgrade(body)
    except ConfigError as error:
        raise ConfigError(
            "the model that is stored in the warehouse does not fit this version of Meibo "
            f"({counted(len(error.mistakes), 'mistake')}, {error.mistakes[0]}); "
            "name a `model` in meibo.yaml to fit a new one"
        ) from error


def fit_model(run: Run, contacts: Contacts, base: MatchModel, *, is_forced: bool = False) -> ChosenModel:
    """Return `base` fitted to CONTACTS; unless forced, as it is when there are few or training is never."""
    if not is_forced and (run.settings.training == "never" or len(contacts) < TRAIN_FROM):
        return ChosenModel(base, base.version, "shipped" if run.settings.model is None else "given", base.learnt_from)
    from resolve.quality.train import train_model

    run.progress.stage("train")
    model, report = train_model(contacts, base, workers=run.workers)
    run.notes["warnings"] = [*run.notes.get("warnings", ()), *report.notes]
    return ChosenModel(model, model.version, "fitted", base.learnt_from, len(contacts), report.as_dict())


def store_model(conn: Connection, run: Run, chosen: ChosenModel, *, active: bool) -> None:
    """Save a new model with its training report; a stored one is left as it is."""
    if not chosen.is_new:
        return
    report = {"base_version": chosen.base_version} | (chosen.report or {})
    save_model(
        conn,
        version=chosen.version,
        body=chosen.model.to_yaml(),
        is_active=active,
        trained_on=chosen.trained_on,
        report=json.dumps(report, ensure_ascii=False, default=str),
        at=run.at,
        run_id=run.run_id,
    )
