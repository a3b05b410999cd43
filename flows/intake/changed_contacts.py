"""The contacts of rows that were landed since the last published run, and those whose fate hangs on them by a merge."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from connectors.settings.project import Settings
from connectors.sources.mapping.merges import Merge, alias_frame, resolve_merges
from connectors.sources.mapping.streams import Mapped, map_contacts
from connectors.warehouse.landed import load_marks, load_rows
from connectors.warehouse.merges import load_merges
from connectors.warehouse.store import load_contact_hashes
from flows.intake.prepared import ChangedStream, Stream
from flows.intake.standardise import same_ids
from resolve.errors import ConfigError
from resolve.pipeline import find_survivors

Merges = dict[str, set[Merge]]  # by stream


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """What is mapped again of one source: raw rows and what they give, by stream; merges as stored before, by stream.

    reach: every id that the changed rows, or a merge of theirs, name.
    """

    source: str
    raw: dict[str, pd.DataFrame]
    mapped: dict[str, Mapped]
    before: Merges
    reach: set[str]

    def now(self, stored: Merges) -> Merges:
        """Return merges with those of the mapped rows in place of what the same rows told before."""
        after = {}
        for stream in {*stored, *self.mapped}:
            told = set(self.mapped[stream].merges) if stream in self.mapped else set()
            rows = set(self.raw[stream]["source_id"]) if stream in self.raw else set()
            after[stream] = told | {m for m in stored.get(stream, ()) if m.told_by not in rows}
        return after


def map_source(conn: Connection, settings: Settings, source: str, changed: dict[str, pd.DataFrame]) -> ChangedSource:
    """Map the changed rows of a source's contact streams, with every unchanged row that a merge connects with them."""
    rules = settings.sources[source]
    mapped = {s: map_contacts(raw, rules, s, is_part=True) for s, raw in changed.items()}
    ids = {i for raw in changed.values() for i in raw["source_id"]} | _ends(
        {stream: set(part.merges) for stream, part in mapped.items()}
    )
    before = load_merges(conn, source, ids)
    reach = ids | _ends(before)
    raw = dict(changed)
    for stream in contact_streams(settings, source):
        known = set(changed[stream]["source_id"]) if stream in changed else set()
        more = load_rows(conn, source, stream, sorted(reach - known))
        if len(more):
            parts = [changed[stream], more] if stream in changed else [more]
            raw[stream] = pd.concat(parts, ignore_index=True).sort_values("source_id", ignore_index=True)
            mapped[stream] = map_contacts(raw[stream], rules, stream, is_part=True)
    return ChangedSource(source, raw, mapped, before, reach)


def contact_streams(settings: Settings, source: str) -> list[str]:
    """Return the streams of a source that hold contacts, in the order of the settings."""
    streams = settings.sources[source].streams
    return [name for name, rules in streams.items() if (rules.role or name) == "contacts"]


def _ends(merges: Merges) -> set[str]:
    """Return every id that a merge names."""
    return {end for told in merges.values() for merge in told for end in (merge.loser, merge.winner)}


def aliases_of(settings: Settings, source: str, merges: Merges) -> pd.DataFrame:
    """Return contact_id and merged_into of the merged records of a source, stream after stream."""
    streams = [s for s in contact_streams(settings, source) if merges.get(s)]
    frames = [alias_frame(source, resolve_merges(merges[s])) for s in streams]
    return pd.concat(frames, ignore_index=True) if frames else alias_frame(source, {})


def find_aliases(
    conn: Connection, settings: Settings, sources: dict[str, ChangedSource], contact_ids: set[str]
) -> pd.DataFrame:
    """Return the aliases of these contacts as they are now, with all that is needed to follow them to their end."""
    frames = []
    for source in settings.sources:
        ids = {c.removeprefix(f"{source}:") for c in contact_ids if c.startswith(f"{source}:")}
        changed = sources.get(source)
        stored = load_merges(conn, source, ids | (changed.reach if changed else set()))
        frames.append(aliases_of(settings, source, changed.now(stored) if changed else stored))
    return pd.concat(frames, ignore_index=True)


def moved_aliases(settings: Settings, changed: ChangedSource) -> dict[str, tuple[str, str]]:
    """Return the contacts that follow another survivor than before: survivor before and now, themselves where none."""
    before = find_survivors(aliases_of(settings, changed.source, changed.before))
    after = find_survivors(aliases_of(settings, changed.source, changed.now(changed.before)))
    every = {c: (before.get(c, c), after.get(c, c)) for c in {*before, *after}}
    return {contact: ends for contact, ends in every.items() if ends[0] != ends[1]}


def compare_contacts(
    conn: Connection, sources: dict[str, ChangedSource], contacts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, set[str]]:
    """Return CONTACTS that are new or differ, gone (contact_id, reason), and which of the mapped rows were contacts."""
    touched = [f"{c.source}:{i}" for c in sources.values() for raw in c.raw.values() for i in raw["source_id"]]
    stored = load_contact_hashes(conn, sorted(set(touched)))
    same = contacts["contact_id"].map(stored).to_numpy() == contacts["content_hash"].to_numpy()
    gone = sorted(stored.keys() - set(contacts["contact_id"]))
    frame = pd.DataFrame({"contact_id": gone, "reason": ["deleted"] * len(gone)}, dtype=object)
    return contacts[~same].reset_index(drop=True), frame, set(stored)


def check_streams(conn: Connection, settings: Settings, changed: ChangedSource) -> None:
    """Raise ConfigError when another stream of the source holds a living row with the id of a mapped one."""
    streams = contact_streams(settings, changed.source)
    for stream, mapped in changed.mapped.items():
        ids = sorted(mapped.records["source_id"])
        for other in (s for s in streams if s != stream):
            again = set(changed.raw[other]["source_id"]) if other in changed.raw else set()
            living = [i for i, gone in load_marks(conn, changed.source, other, ids).items() if not gone]
            twice = set(living) - again
            if twice:
                raise ConfigError(same_ids((changed.source, stream), (changed.source, other), twice))


def count_contacts(conn: Connection, changed: ChangedSource, was: set[str], upto: int) -> list[ChangedStream]:
    """Return what changed in each contact stream; `was`: contact_ids of before, `upto`: the seq of the watermark."""
    counted = []
    ids_of = {stream: raw["source_id"].tolist() for stream, raw in changed.raw.items()}
    marks = {stream: load_marks(conn, changed.source, stream, ids, upto=upto) for stream, ids in ids_of.items()}
    streams = Counter(row for known in marks.values() for row in known)
    for stream, ids in ids_of.items():
        before = marks[stream]
        # a tombstone may have been a contact, that of a merged record; but not where another stream held its id
        lived = {i for i, gone in before.items() if f"{changed.source}:{i}" in was and (not gone or streams[i] == 1)}
        living = len(changed.mapped[stream].records)
        counted.append(
            ChangedStream(
                source=changed.source,
                stream=stream,
                role="contacts",
                landed=len(ids) - len(before),
                living=living - len(lived),
                deleted=(len(ids) - living) - (len(before) - len(lived)),
            )
        )
    return counted


def told_merges(changed: ChangedSource) -> dict[Stream, tuple[set[str] | None, list[Merge]]]:
    """Return the merges that the mapped rows tell, for `replace_merges`."""
    return {
        (changed.source, stream): (set(raw["source_id"]), changed.mapped[stream].merges)
        for stream, raw in changed.raw.items()
    }
