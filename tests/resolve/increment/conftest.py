"""Random histories of a small world, resolved night by night both ways: everything again, and the change alone."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from resolve.increment.entries import index_entries
from resolve.increment.resolve_change import PartialResolution, resolve_change
from resolve.increment.rows import text_table
from resolve.increment.stored import Change
from resolve.link.columns_read import columns_read
from resolve.link.encode import Encoded
from resolve.link.frequency import count_frequencies
from resolve.link.index_keys import contact_hashes
from resolve.link.neighbour_keys import Entries
from resolve.model import MatchModel
from resolve.pipeline import Resolution, RunContext, State, resolve_contacts
from resolve.schema import OPERATIONS, PUBLISHED, conform, empty, frames
from resolve.standardise.contact import standardise_contacts
from resolve.state import no_denials

DAY = pd.Timestamp("2026-01-01", tz="UTC")
TABLES = PUBLISHED | OPERATIONS
COMPARED = (
    "golden_profile", "profile_link", "profile_identifier", "contact_history", "golden_lineage", "golden_id_redirect",
    "golden_registry", "former_member", "match_edge", "review_queue",
    "kept_denial", "planned_contact",
)  # fmt: skip
NAMES = [
    ("佐藤", "花子"), ("佐藤", "太郎"), ("佐藤", "次郎"), ("鈴木", "一郎"), ("鈴木", "花子"), ("斉藤", "健"), ("斎藤", "健"),
    ("Smith", "John"), ("Smith", "Jon"), ("Smith", "Mary"), ("Schmidt", "Anna"), ("Sato", "Hanako"), (None, "Anna"),
    ("Miller", None), (None, None),
]  # fmt: skip
MAILS = [
    "hanako.sato@example.jp", "hsato@example.jp", "taro@sato.example.jp", "info@acme.example.com", "john.smith@gmail.com",
    "jsmith@acme.example.com", "mary@acme.example.com", "sato.family@example.jp", "anna@schmidt.example.com",
]  # fmt: skip
PHONES = ["03-3123-4567", "090-1234-5678", "06-6123-4567", "080-8765-4321", "3123-4567"]
PLACES = [
    ("100-0005", "東京都", "千代田区", "丸の内1-2-3"), ("530-0001", "大阪府", "大阪市北区", "梅田1-1-1"),
    ("150-0002", "東京都", "渋谷区", "渋谷2-3-4"), (None, None, None, None),
]  # fmt: skip
FAMILIES = [("高橋", "Takahashi"), ("田中", "Tanaka"), ("伊藤", "Ito"), ("渡辺", "Watanabe"), ("山本", "Yamamoto"), ("中村", "Nakamura"),
            ("小林", "Kobayashi"), ("加藤", "Kato"), ("吉田", "Yoshida"), ("山田", "Yamada"), ("松本", "Matsumoto"), ("井上", "Inoue")]  # fmt: skip
GIVEN = [
    ("美咲", "Misaki"),
    ("陽菜", "Hina"),
    ("恵", "Megumi"),
    ("彩香", "Ayaka"),
    ("里奈", "Rina"),
    ("琴音", "Kotone"),
    ("千尋", "Chihiro"),
]
WESTERN = [("William", "Bill"), ("Robert", "Bob"), ("Elizabeth", "Liz"), ("Katherine", "Kate"), ("Thomas", "Tom")]
SURNAMES = [("Baker", "Becker"), ("Clark", "Clarke"), ("Meyer", "Meier"), ("Nilsson", "Nielsen"), ("Brown", "Braun")]
MAIL_KEYS = ("email_keys", "role_emails")  # whether an address is a role's shows in itself, whoever has it
POOL = 500
CROWD = 12


def _pick(rng: np.random.Generator, values: list, missing: float = 0.0) -> object:
    """Return one of the values, the first ones more often, or None."""
    if rng.random() < missing:
        return None
    return values[int(len(values) * rng.random() ** 1.5)]


def _swap(part: int) -> Callable[[str | None], str | None]:
    """Return what makes the alphabet of one history out of that of the first, so that few values are in two of them."""
    if not part:
        return lambda text: text
    (kanji, latin), (first, read) = FAMILIES[part % len(FAMILIES)], GIVEN[part % len(GIVEN)]
    (one, short), (name, other) = WESTERN[part % len(WESTERN)], SURNAMES[part // 3 % len(SURNAMES)]
    third, fourth = (GIVEN[(part + step) % len(GIVEN)][0] + "郎" for step in (2, 4))
    swaps = {
        "佐藤": kanji, "Sato": latin, "鈴木": FAMILIES[(part + 5) % len(FAMILIES)][0], "花子": first, "Hanako": read,
        "斉藤": f"{kanji[0]}澤", "斎藤": f"{kanji[0]}沢", "太郎": third, "次郎": fourth, "健": f"健{first[0]}",
        "John": one, "Jon": short, "Smith": name, "Schmidt": other, "sato": latin.lower(), "hanako": read.lower(),
        "smith": name.lower(), "john": one.lower(), "acme": f"acme{part}", "anna": f"anna{part}", "mary": f"mary{part}",
        "Anna": f"Ann{name[:4].lower()}", "Mary": f"Mary{latin[:3].lower()}", "Miller": f"Mill{name.lower()}",
        "-1234-": f"-{1234 + 37 * part}-", "3123-": f"{3123 + 41 * part}-", "-8765-": f"-{8765 - 29 * part}-",
        "-6123-": f"-{6123 + 43 * part}-", "1980-": f"{1940 + part}-", "1990-": f"{1970 + part}-",
        "アクメ": f"アクメ{part}", "Acme": f"Acme{part}", "山田商店": f"{kanji}商店", "丸の内": f"丸の内{part}丁目",
        "-0005": f"-{5 + 13 * part:04d}", "-0001": f"-{1 + 17 * part:04d}", "-0002": f"-{2 + 19 * part:04d}",
    }  # fmt: skip

    def swap(text: str | None) -> str | None:
        for old, new in swaps.items():
            text = text and text.replace(old, new)
        return text

    return swap


@cache
def pool(parts: int = 1) -> pd.DataFrame:
    """Return CONTACTS of made-up records, POOL for each of so many histories, which take their contents from here."""
    rng, choices = np.random.default_rng(7), np.random.default_rng(8)
    chosen = [f"2024-0{month}-01T00:00:00Z" for month in range(1, 10)]
    rows = []
    for number in range(POOL * parts):
        swap = _swap(number // POOL)
        family, given = (swap(name) for name in _pick(rng, NAMES))
        postal, region, city, street = (swap(text) for text in _pick(rng, PLACES))
        mails = [swap(m) for m in (_pick(rng, MAILS, 0.35), _pick(rng, MAILS, 0.85)) if m]
        phones = [swap(p) for p in (_pick(rng, PHONES, 0.4), _pick(rng, PHONES, 0.85)) if p]
        rows.append({
            "source": "pool", "source_id": f"{number:04d}", "family_name": family, "given_name": given,
            "email": "\n".join(dict.fromkeys(mails)) or None, "phone": "\n".join(dict.fromkeys(phones)) or None,
            "birth_date": swap(_pick(rng, ["1980-01-02", "1990-05-06", "1980-02-01"], 0.6)), "postal_code": postal,
            "region": region, "city": city, "street": street,
            "organization": swap(_pick(rng, ["株式会社アクメ", "Acme GmbH", "山田商店"], 0.6)),
            "email_consent": _pick(rng, ["granted", "denied"], 0.5),
            "phone_consent": _pick(choices, ["denied", "granted"], 0.5),
            "email_consent_at": _pick(choices, chosen, 0.3), "phone_consent_at": _pick(choices, chosen, 0.7),
            "line_user_id": _pick(rng, [f"U1{number // POOL}", f"U2{number // POOL}"], 0.9),
            "created_at": f"{2022 + number // 9 % 4}-0{1 + number % 9}-01T00:00:00Z",
            "updated_at": f"{2022 + number // 9 % 4}-1{number % 3}-01T00:00:00Z",
        })  # fmt: skip
    records = conform(pd.DataFrame(rows).astype(object), frames.SOURCE_RECORDS)
    return standardise_contacts(records, default_countries="JP")


@cache
def movers() -> pd.DataFrame:
    """Return CONTACTS of people whose records tell one of few mailboxes each, over 25 years: some are handed on.

    Behind them two rows for each of a crowd: one with the first of these mailboxes, one with another.
    """
    rng = np.random.default_rng(11)
    rows = []
    for number in range(POOL):
        person, told = number % 9, f"{2000 + int(rng.integers(25))}-0{1 + number % 9}-01T00:00:00Z"
        rows.append({
            "source": "pool", "source_id": f"{number:04d}", "family_name": FAMILIES[person % 12][0],
            "given_name": GIVEN[person % 7][0], "phone": f"090-{1111 + 523 * person}-{2000 + 311 * person}",
            "birth_date": f"{1950 + person}-03-04", "email": f"m{int(rng.integers(8))}@move.example.jp",
            "created_at": told, "updated_at": told,
        })  # fmt: skip
    rows += [
        {
            "source": "pool", "source_id": f"{POOL + number:04d}", "family_name": f"{WESTERN[number // 2 % 5][0]}son",
            "given_name": f"{GIVEN[number // 2 % 7][1]}{'abc'[number // 2 % 3]}", "phone": f"080-{1234 + 611 * number}-5678",
            "email": f"own{number}@move.example.jp" if number % 2 else "m0@move.example.jp",
            "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        }
        for number in range(2 * CROWD)
    ]  # fmt: skip
    records = conform(pd.DataFrame(rows).astype(object), frames.SOURCE_RECORDS)
    return standardise_contacts(records, default_countries="JP")


class FrozenModel(MatchModel):
    """A model whose version is not hashed again every time."""

    version = "frozen"


@cache
def tiny_model(cap: int, parts: int = 1) -> MatchModel:
    """Return the shipped model, frozen, with caps so small that keys become too common and rare again."""
    shipped = MatchModel.shipped()
    encoded = Encoded(pool(parts))
    names = {c.columns[0] for c in shipped.link.comparisons if c.frequency and c.columns} | {"family", "given"}
    blocking = tuple(replace(rule, cap=cap) for rule in shipped.link.blocking if rule.keys)
    link = replace(
        shipped.link,
        blocking=blocking,
        frequencies={name: count_frequencies(encoded, name) for name in sorted(names)},
        hot={rule.name: np.empty(0, dtype=np.uint64) for rule in blocking},
        sizes=replace(shipped.link.sizes, records=200),
    )
    return FrozenModel(link, shipped.thresholds, shipped.survivorship, trained_on={"records": 200})


class Memory:
    """Tables of the last published run in memory, asked as a warehouse is."""

    def __init__(self, model: MatchModel) -> None:
        self.model = model
        self.tables = {name: pd.DataFrame(columns=TABLES[name].names) for name in COMPARED}
        self.tables["kept_denial"] = no_denials()
        self.tables["planned_contact"] = empty(TABLES["planned_contact"])
        self.bodies = empty(frames.CONTACTS)
        self.touchpoints = empty(frames.TOUCHPOINTS)
        self.judgements = empty(frames.JUDGEMENTS)
        self.counts: Mapping[str, int] = {}
        self.entries = Entries(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))

    def members(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look the keys up."""
        at = np.searchsorted(keys, self.entries.key)
        hit = np.flatnonzero(keys[np.minimum(at, len(keys) - 1)] == self.entries.key) if len(keys) else np.empty(0, int)
        return at[hit], self.entries.member[hit]

    def contacts(self, column: str, values: Iterable[object]) -> pd.DataFrame:
        """Return stored contacts."""
        held = self.bodies["contact_id"] if column == "contact_id" else contact_hashes(self.bodies["contact_id"])
        return self.bodies[np.isin(np.asarray(held), list(values))].reset_index(drop=True)

    def texts(self, column: str, values: Iterable[object], columns: Collection[str]) -> pa.Table:
        """Return stored contacts as texts."""
        return text_table(self.contacts(column, values), columns)

    def rows(
        self, table: str, column: str, values: Iterable[object], columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return rows of a table."""
        frame = {"touchpoint": self.touchpoints, "judgement": self.judgements}.get(table)
        frame = self.tables[table] if frame is None else frame
        if table == "profile_link":
            frame = frame.assign(contact_id=frame["source"] + ":" + frame["source_id"])
        found = frame[frame[column].isin(list(values))].reset_index(drop=True)
        return found if columns is None else found[list(columns)]

    def statuses(self, touchpoint_ids: Iterable[object]) -> pd.DataFrame:
        """Return the statuses of touchpoints that have one."""
        found = self.rows("touchpoint", "touchpoint_id", touchpoint_ids, ["touchpoint_id", "status"])
        return found[found["status"].notna()]

    def identified(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return touchpoints by identifier."""
        return self._having(self.touchpoints, ["identifier_type", "identifier"], values)

    def identifiers(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return identifiers by value."""
        return self._having(self.tables["profile_identifier"], ["type", "value"], values)

    def _having(self, frame: pd.DataFrame, columns: list[str], values: pd.DataFrame) -> pd.DataFrame:
        """Return the rows whose columns are among the values."""
        wanted = pd.MultiIndex.from_frame(values[["type", "value"]])
        return frame[pd.MultiIndex.from_frame(frame[columns]).isin(wanted)].reset_index(drop=True)

    def holders(self, values: pd.DataFrame, inside: Iterable[str]) -> pd.DataFrame:
        """Return the first and last outside holder of each value."""
        rows = self.identifiers(values)
        rows = rows[~rows["golden_id"].isin(list(inside))]
        ends = rows.groupby(["type", "value"])["golden_id"].agg(first="min", last="max").reset_index()
        return values[["type", "value"]].merge(ends, how="left", on=["type", "value"]).astype(object)


@dataclass(frozen=True)
class Record:
    """What a living record says: a row of the pool, but for some columns, which are those of another."""

    content: int
    merged_into: str | None = None
    other: int = 0
    columns: tuple[str, ...] = ()


@dataclass
class Night:
    """What a night starts from: everything there is now, and what of it is new."""

    contacts: pd.DataFrame
    touchpoints: pd.DataFrame
    judgements: pd.DataFrame
    change: Change


class World:
    """Random histories in one warehouse; `night` moves them on, `resolve` resolves the night both ways.

    Each of the `parts` is a history of its own, of `people` and with an alphabet of its own; few values are in two.
    """

    STEPS: ClassVar = {
        "insert": 0.3, "edit": 0.18, "delete": 0.14, "merge": 0.05, "judge": 0.1, "touch": 0.1, "untouch": 0.05,
        "restate": 0.08,
    }  # fmt: skip

    def __init__(self, seed: int, cap: int = 2, people: int = 14, parts: int = 1) -> None:
        self.rng, self.plans = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.model = tiny_model(cap, parts)
        self.pool = pool(parts)
        self.touches = 4  # events of each night, besides those among its steps
        self.naming = 0.6  # share of events that name their contact, not a mailbox
        self.parts = parts
        self.memory = Memory(self.model)
        self.people = people
        self.living: dict[str, Record] = {}
        self.events: dict[str, dict[str, object]] = {}
        self.judged: list[dict[str, object]] = []
        self.nights = 0

    def night(self) -> Night:
        """Change some things and return the night."""
        self.nights += 1
        old, old_events, old_judged = dict(self.living), dict(self.events), len(self.judged)
        for part in range(self.parts):
            for _ in range(int(self.rng.integers(1, 6)) if self.nights > 1 else self.people):
                self._step(part, first=self.nights == 1)
            for _ in range(self.touches if self._ids(part) else 0):
                self._touch(part, remove=bool(self.rng.random() < 0.2))
        touched = {c for c in set(old) | set(self.living) if old.get(c) != self.living.get(c)}
        gone = sorted(c for c in touched if c not in self.living)
        contacts, touchpoints = self._contacts(self.living), self._touchpoints(self.events)
        judgements = conform(pd.DataFrame(self.judged, columns=frames.JUDGEMENTS.names), frames.JUDGEMENTS)
        judgements = judgements.drop_duplicates(["contact_id_l", "contact_id_r"], keep="last", ignore_index=True)
        new = pd.DataFrame(self.judged[old_judged:], columns=frames.JUDGEMENTS.names)[["contact_id_l", "contact_id_r"]]
        changed_events = [t for t, e in self.events.items() if old_events.get(t) != e]
        change = Change(
            contacts[contacts["contact_id"].isin(touched)].reset_index(drop=True),
            pd.DataFrame({"contact_id": gone, "reason": "deleted"}, dtype=object),
            touchpoints[touchpoints["touchpoint_id"].isin(changed_events)].reset_index(drop=True),
            pd.DataFrame({"touchpoint_id": sorted(set(old_events) - set(self.events))}, dtype=object),
            new.drop_duplicates().astype(object),
            self._due(),
        )
        return Night(contacts, touchpoints, judgements, change)

    def _due(self) -> pd.DataFrame:
        """Return the touchpoint_ids of what is planned no more."""
        planned = self.memory.tables["planned_contact"]
        return planned.loc[planned["occurred_at"] <= self.context().at, ["touchpoint_id"]]

    def quiet_night(self, **cells: object) -> Night:
        """Return a night in which all records say the same in some columns, and nothing else happens."""
        self.nights += 1
        contacts = self._contacts(self.living).assign(**cells)
        none = {"contact_id": [], "reason": []}, {"touchpoint_id": []}, {"contact_id_l": [], "contact_id_r": []}
        gone, gone_events, judged = (pd.DataFrame(names, dtype=object) for names in none)
        change = Change(contacts, gone, empty(frames.TOUCHPOINTS), gone_events, judged, self._due())
        return Night(contacts, self.memory.touchpoints, self.memory.judgements, change)

    def _ids(self, part: int) -> list[str]:
        """Return the living contacts of one history."""
        return sorted(one for one in self.living if int(one.split(":")[1]) // 40 == part)

    def _content(self, part: int) -> int:
        """Return a row of the pool of one history."""
        return part * POOL + int(self.rng.integers(POOL))

    def _step(self, part: int, first: bool) -> None:
        """Do one thing to one history."""
        chosen = self.rng.choice(list(self.STEPS), p=list(self.STEPS.values()))
        kind = "insert" if first else chosen
        ids = self._ids(part)
        if kind == "insert" or not ids:
            name = f"{self.rng.choice(['crm', 'web'])}:{part * 40 + int(self.rng.integers(0, 40)):02d}"
            self.living[name] = Record(self._content(part))
        elif kind == "edit":
            self.living[str(self.rng.choice(ids))] = Record(self._content(part))
        elif kind == "restate":
            self._restate(str(self.rng.choice(ids)), self._content(part))
        elif kind == "delete":
            del self.living[str(self.rng.choice(ids))]
        elif kind == "merge":
            name = str(self.rng.choice(ids))
            source = name.split(":")[0]
            target = f"{source}:{part * 40 + int(self.rng.integers(0, 40)):02d}"
            self.living[name] = replace(self.living[name], merged_into=target if target != name else None)
        elif kind == "judge":
            self._judge(ids)
        else:
            self._touch(part, remove=kind == "untouch")

    def _restate(self, name: str, content: int) -> None:
        """Let a record say something else in a few columns, mostly in those that linking does not read."""
        read = columns_read(self.model.link)
        known = [c for c in frames.CONTACTS.names if c not in ("contact_id", "source", "source_id", "merged_into")]
        plain = [c for c in known if c not in read]
        columns = plain if self.rng.random() < 0.4 else self.rng.choice(plain if self.rng.random() < 0.4 else known, 3)
        kept = {str(column) for column in columns if column not in MAIL_KEYS}
        told = MAIL_KEYS if len(kept) < len(columns) else ()
        self.living[name] = replace(self.living[name], other=content, columns=(*sorted(kept), *told))

    def _judge(self, ids: list[str]) -> None:
        """Let a person say something of a pair."""
        if len(ids) > 1:
            left, right = sorted(str(i) for i in self.rng.choice(ids, 2, replace=False))
            said = str(self.rng.choice(["match", "non_match", "unsure"]))
            at = DAY + pd.Timedelta(hours=len(self.judged))
            self.judged.append(dict(zip(frames.JUDGEMENTS.names, (left, right, said, "me", at, None), strict=True)))

    def _touch(self, part: int, *, remove: bool) -> None:
        """Add, change or remove an event."""
        source = str(self.rng.choice(["crm", "web"]))
        name = f"{source}:calls:{part * 9 + int(self.rng.integers(0, 9)):02d}"
        if remove:
            self.events.pop(name, None)
            return
        contact = str(self.rng.choice(self._ids(part)[:6]))
        value = self.pool.iloc[self._content(part)]
        named = self.rng.random() < self.naming
        mail = (value["email_keys"] or "").split(" ")[0] or None
        self.events[name] = {
            "touchpoint_id": name, "source": source, "stream": "calls", "source_id": name.split(":")[2],
            "contact_id": contact if named else None, "identifier_type": None if named or not mail else "email",
            "identifier": None if named else mail, "channel": "phone", "type": "call",
            "occurred_at": self._moment(), "metric": "nps",
            "outcome": str(self.rng.choice(["done", ""])) or None,
            "score": float(self.rng.integers(0, 11)), "status": str(self.rng.choice(["open", "closed"])),
        }  # fmt: skip

    def _moment(self) -> pd.Timestamp:
        """Return when an event was: within ten minutes, so that two may be one; some are planned for a later night."""
        later = int(self.plans.integers(2, 5)) if self.plans.random() < 0.2 else 0
        return DAY + pd.Timedelta(days=later, seconds=30 * int(self.rng.integers(20)))

    def _contacts(self, living: "dict[str, Record]") -> pd.DataFrame:
        """Return CONTACTS of the living."""
        ids = sorted(living)
        rows = self.pool.iloc[[living[i].content for i in ids]].reset_index(drop=True)
        for at, record in enumerate(living[i] for i in ids):
            for column in record.columns:
                rows.loc[at, column] = self.pool[column].iloc[record.other]
        parts = [i.split(":") for i in ids]
        return rows.assign(
            contact_id=pd.Series(ids, dtype=object),
            source=pd.Series([p[0] for p in parts], dtype=object),
            source_id=pd.Series([p[1] for p in parts], dtype=object),
            merged_into=pd.Series([living[i].merged_into for i in ids], dtype=object),
        )

    def _touchpoints(self, events: dict[str, dict[str, object]]) -> pd.DataFrame:
        """Return TOUCHPOINTS."""
        rows = [events[name] for name in sorted(events)]
        return conform(pd.DataFrame(rows, columns=frames.TOUCHPOINTS.names), frames.TOUCHPOINTS)

    def context(self) -> RunContext:
        """Return what the run passes in."""
        return RunContext(DAY + pd.Timedelta(days=self.nights), b"key", {"crm": 1, "web": 2})

    def resolve_all(self, night: Night) -> Resolution:
        """Resolve everything again."""
        stored = self.memory.tables
        links = stored["profile_link"]
        ids = links["source"] + ":" + links["source_id"]
        gone = np.where(ids.isin(night.contacts["contact_id"]), None, "deleted")
        bodies = self.memory.bodies
        state = State(
            links.assign(contact_id=ids, gone=gone)[
                ["contact_id", "golden_id", "previous_golden_id", "linked_at", "gone"]
            ],
            stored["golden_registry"].drop(columns="run_id", errors="ignore"),
            stored["contact_history"][["touchpoint_id", "golden_id_at_event"]],
            night.judgements,
            pd.DataFrame({"contact_id": [], "merged_into": []}, dtype=object),
            stored["kept_denial"],
            bodies[~bodies["contact_id"].isin(night.contacts["contact_id"])],
        )
        return resolve_contacts(night.contacts, night.touchpoints, state, self.model, self.context())

    def resolve_change(self, night: Night) -> PartialResolution:
        """Resolve the change alone."""
        self.memory.judgements = night.judgements
        return resolve_change(night.change, self.memory, self.model, self.context())

    def keep(self, night: Night, result: Resolution) -> None:
        """Publish a full result."""
        for name in COMPARED:
            self.memory.tables[name] = result.tables[name].copy()
        self.memory.bodies, self.memory.touchpoints = night.contacts, night.touchpoints
        self.memory.counts = result.counts
        self.memory.entries = index_entries(Encoded(night.contacts), self.model.link)

    def applied(self, part: PartialResolution) -> dict[str, pd.DataFrame]:
        """Return the tables after publishing a partial result."""
        touched = part.touched
        scopes: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
            name: lambda f: f["golden_id"].isin(touched.golden_ids).to_numpy()
            for name in ("golden_profile", "profile_identifier", "golden_lineage")
        }
        scopes["profile_link"] = lambda f: (f["source"] + ":" + f["source_id"]).isin(touched.contact_ids).to_numpy()
        for name in ("match_edge", "review_queue"):
            scopes[name] = lambda f: (
                f["contact_id_l"].isin(touched.scored_ids) | f["contact_id_r"].isin(touched.scored_ids)
            ).to_numpy()
        scopes["contact_history"] = lambda f: f["touchpoint_id"].isin(touched.touchpoint_ids).to_numpy()
        scopes["planned_contact"] = scopes["contact_history"]
        scopes["kept_denial"] = lambda f: f["contact_id"].isin(touched.holder_ids).to_numpy()
        scopes["former_member"] = lambda f: f["golden_id"].isin(touched.ended_ids).to_numpy()
        tables = {}
        for name in COMPARED:
            old, new = self.memory.tables[name], part.tables[name]
            key = list(TABLES[name].key)
            replaced = pd.MultiIndex.from_frame(old[key]).isin(pd.MultiIndex.from_frame(new[key]))
            if name in scopes and len(old):
                replaced |= scopes[name](old)
            tables[name] = pd.concat([old[~replaced], new], ignore_index=True)
        return tables


class RuledWorld(World):
    """A history of many records that their sources merge, so that rules hide how their pairs came about."""

    STEPS: ClassVar = {"insert": 0.34, "edit": 0.12, "delete": 0.1, "merge": 0.3, "judge": 0.1, "restate": 0.04}


class MovingWorld(World):
    """A history of people who hand mailboxes on, and of events by mailbox in all these years."""

    def __init__(self, seed: int, cap: int = 60, people: int = 24, parts: int = 1) -> None:
        super().__init__(seed, cap, people, parts)
        self.pool, self.naming = movers(), 0.0
        self.touches = 16

    def night(self) -> Night:
        """Change some things, and how many of the crowd use the first mailbox."""
        self.crowd = int(self.rng.integers(CROWD + 1))
        return super().night()

    def _step(self, part: int, first: bool) -> None:
        """Do one thing, and let the crowd be as large as it is tonight."""
        super()._step(part, first)
        for number in range(CROWD):
            self.living[f"web:{28 + number}"] = Record(POOL + 2 * number + (number >= self.crowd))

    def _moment(self) -> pd.Timestamp:
        """Return when an event was."""
        return DAY - pd.Timedelta(days=int(self.rng.integers(25 * 365)))


def settled(frame: pd.DataFrame, name: str, columns: list[str]) -> pd.DataFrame:
    """Return a table in a form that compares."""
    rows = frame[columns].sort_values(list(TABLES[name].key), ignore_index=True).astype(object)
    return rows.where(rows.notna(), None)


def check_night(world: World) -> None:
    """Resolve one night both ways and compare every table, the events, the index and the counts."""
    night = world.night()
    full = world.resolve_all(night)
    if world.nights > 1:
        part = world.resolve_change(night)
        tables = world.applied(part)
        for name in COMPARED:
            columns = list(full.tables[name].columns)
            pd.testing.assert_frame_equal(
                settled(tables[name], name, columns), settled(full.tables[name], name, columns), obj=name
            )
        pd.testing.assert_frame_equal(
            part.events.sort_values(["golden_id", "type"], ignore_index=True).astype(object),
            full.events.sort_values(["golden_id", "type"], ignore_index=True).astype(object),
            obj="events",
        )
        before, after = world.memory.entries, index_entries(Encoded(night.contacts), world.model.link)
        listed = counted(before)
        listed.subtract(counted(part.taken))
        assert min(listed.values(), default=0) >= 0
        assert +listed + counted(part.added) == counted(after), "the entries of the index are different"
        counts = {name: world.memory.counts[name] + by for name, by in part.changes.items()}
        assert counts == {name: full.counts[name] for name in counts}, "the counts are different"
    world.keep(night, full)


def counted(entries: Entries) -> Counter[tuple[int, int]]:
    """Return how often each entry of the index is there."""
    return Counter(zip(entries.key.tolist(), entries.member.tolist(), strict=True))


@pytest.fixture
def new_world() -> type[World]:
    """Return the class of worlds."""
    return World


@pytest.fixture
def new_ruled_world() -> type[RuledWorld]:
    """Return the class of worlds in which many records are merged by their source."""
    return RuledWorld


@pytest.fixture
def new_moving_world() -> type[MovingWorld]:
    """Return the class of worlds in which mailboxes are handed on."""
    return MovingWorld


@pytest.fixture
def check() -> Callable[[World], None]:
    """Return the check of a night."""
    return check_night


__all__ = ["pairwise"]
