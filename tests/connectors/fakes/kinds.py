"""The three vendors behind the same few verbs, so that one suite can hold all of them to the same promises."""

from pathlib import Path
from typing import Any

from fakes.hubspot import FakeHubSpot
from fakes.salesforce import FakeSalesforce
from fakes.server import FakeServer, SimulatedTime
from fakes.zendesk import FakeZendesk

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.catalog import OpenSource, open_source

PEOPLE = 23  # in each source: four pages of five, and a rest
NAMES = ["髙橋", "𠮷田", "O'Brien, Jr.", 'Say "hi"', "佐藤\n二行", "NA", "Müller", "한"]


def load(api: str, streams: str, kind: str = "sales") -> SourceSettings:
    """Return the settings of one source."""
    text = f"sources:\n  crm:\n    kind: {kind}\n    api: {api}\n    streams: {streams}\n"
    return parse_settings(text, "meibo.yaml", Path("/nowhere"), {}).sources["crm"]


def all_of(kind: "PeopleKind") -> set[str]:
    """Return the ids of all people that a source was filled with."""
    return {kind.id_of(number) for number in range(1, PEOPLE + 1)}


class PeopleKind:
    """One kind of source: people in it by number, and the reader of them."""

    settings: SourceSettings
    folder = Path("/nowhere")
    tells_winner = True  # whether the source tells into whom a contact was merged
    notices_purge = True  # whether a record that is gone without a trace is noticed
    compares_ids = False  # whether all ids are compared now and then
    reads_changes_alone = True  # whether a delta leaves out what did not change

    def __init__(self) -> None:
        self.time = SimulatedTime()

    def open(self, page_rows: int = 5_000) -> OpenSource:
        """Return the source, in a new process as it were: nothing is known but the cursor."""
        return open_source("crm", self.settings, self.folder, page_rows=page_rows, clock=self.time.clock)

    def open_other_way(self) -> OpenSource | None:
        """Return a source that reads the same records by another method; None where there is one method only."""
        return None

    def set_stream(self, **changes: Any) -> None:
        """Change settings of the contacts."""
        stream = self.settings.streams["contacts"]
        told = stream.model_dump(by_alias=True, exclude_unset=True)
        streams = self.settings.streams | {"contacts": stream.model_validate(told | changes)}
        self.settings = self.settings.model_copy(update={"streams": streams})

    def close(self) -> None:
        """Stop what runs behind it."""

    def fill(self, count: int) -> None:
        """Create this many people, one a second."""
        for number in range(1, count + 1):
            self.put(number)
            self.time.tick()
        self.time.tick(hours=1)  # more than any overlap

    def put(self, number: int, **changes: Any) -> None:
        """Create or change a person: `email` and `family` may be told."""
        raise NotImplementedError

    def id_of(self, number: int) -> str:
        """Return the person's id in the source."""
        raise NotImplementedError

    def delete(self, number: int) -> None:
        """Delete a person as users of the system do."""
        raise NotImplementedError

    def merge(self, loser: int, winner: int) -> None:
        """Merge two people."""
        raise NotImplementedError

    def purge(self, number: int) -> None:
        """Remove a person without a trace, or nearly."""
        raise NotImplementedError


class ApiKind(PeopleKind):
    """One vendor's web API."""

    fake: FakeServer
    compares_ids = True
    data = ""  # pattern of the calls that give rows of a first load

    def set_api(self, **changes: Any) -> None:
        """Change settings of the API."""
        self.settings = self.settings.model_copy(update={"api": self.settings.api.model_copy(update=changes)})

    def close(self) -> None:
        self.fake.close()


class SalesforceKind(ApiKind):
    """Salesforce, by REST unless told otherwise."""

    data = r"GET .*/(queryAll$|query/)"

    def __init__(self, *, bulk: bool = False) -> None:
        super().__init__()
        self.fake = self.org = FakeSalesforce(self.time)
        self.org.page_rows = 5
        self.data = r"GET .*/results" if bulk else r"GET .*/query(All|/)"
        api = f"{{system: salesforce, base_url: '{self.fake.url}', client_id: client-id, client_secret: client-secret, "
        api += f"timeout_seconds: 10, bulk_above: {0 if bulk else 'null'}}}"
        streams = "{contacts: {object: Contact, preset: salesforce_contact, map: {x_rating: Rating__c}}, "
        self.settings = load(api, streams + "tasks: {object: Task, preset: salesforce_task}}")

    def open_other_way(self) -> OpenSource:
        """By REST instead of Bulk, or the other way round; from the beginning, for another address is another cursor."""
        self.set_api(bulk_above=None if self.settings.api.bulk_above == 0 else 0)
        self.set_api(base_url=self.fake.url.replace("127.0.0.1", "localhost"))
        return self.open()

    def id_of(self, number: int) -> str:
        return f"0035g{number:010}AAA"

    def put(self, number: int, **changes: Any) -> None:
        family = changes.get("family", NAMES[number % len(NAMES)])
        row = {"Id": self.id_of(number), "LastName": family, "FirstName": f"花{number}", "HasOptedOutOfEmail": False}
        row |= {
            "Email": changes.get("email", f"p{number}@example.jp"),
            "Rating__c": number * 1.0 if number % 2 else 0.25,
        }
        row |= {"Account": {"Name": '㈱山 "A", B'} if number % 3 else None, "Phone": None, "Birthdate": "1980-01-02"}
        self.org.put("Contact", row)

    def delete(self, number: int) -> None:
        self.org.delete("Contact", self.id_of(number))

    def merge(self, loser: int, winner: int) -> None:
        self.org.delete("Contact", self.id_of(loser), self.id_of(winner))
        self.org.put("Contact", {"Id": self.id_of(winner)})

    def purge(self, number: int) -> None:
        self.org.purge("Contact", self.id_of(number))


class HubSpotKind(ApiKind):
    """HubSpot with a service key."""

    data = r"GET /crm/objects/2026-09/contacts$"

    def __init__(self) -> None:
        super().__init__()
        self.fake = self.portal = FakeHubSpot(self.time)
        api = f"{{system: hubspot, base_url: '{self.fake.url}', token: service-key-of-hubspot, timeout_seconds: 10}}"
        streams = (
            "{contacts: {object: contacts, preset: hubspot_contact}, calls: {object: calls, preset: hubspot_call}}"
        )
        self.settings = load(api, streams, "marketing")

    def open_other_way(self) -> OpenSource:
        """By search instead of the list: a delta with an overlap that reaches behind everything."""
        self.set_stream(overlap_seconds=10**7)
        return self.open()

    def id_of(self, number: int) -> str:
        return str(90 + number)  # ids of two and of three digits: they must be ordered as numbers

    def put(self, number: int, **changes: Any) -> None:
        family = changes.get("family", NAMES[number % len(NAMES)])
        row = {"lastname": family, "firstname": f"花{number}", "company": "㈱山" if number % 3 else None}
        row |= {"email": changes.get("email", f"p{number}@example.jp"), "hs_email_optout": "false", "phone": ""}
        self.portal.put("contacts", self.id_of(number), row)

    def delete(self, number: int) -> None:
        self.portal.archive("contacts", self.id_of(number))

    def merge(self, loser: int, winner: int) -> None:
        self.portal.merge(self.id_of(loser), self.id_of(winner))

    def purge(self, number: int) -> None:
        self.portal.erase("contacts", self.id_of(number))
        self.time.tick(days=8)  # noticed when all ids are compared


class ZendeskKind(ApiKind):
    """Zendesk with an OAuth client."""

    data = r"GET /api/v2/incremental/users/"
    compares_ids = False  # Zendesk lists who is gone
    tells_winner = False

    def __init__(self) -> None:
        super().__init__()
        self.fake = self.account = FakeZendesk(self.time)
        self.account.organizations = {7: "㈱山", 8: "Acme"}
        api = f"{{system: zendesk, base_url: '{self.fake.url}', client_id: client-id, client_secret: client-secret, "
        api += "timeout_seconds: 10}"
        streams = (
            "{contacts: {object: users, preset: zendesk_user}, tickets: {object: tickets, preset: zendesk_ticket}}"
        )
        self.settings = load(api, streams, "support")

    def id_of(self, number: int) -> str:
        return str(1_500_000_000_000 + number)

    def put(self, number: int, **changes: Any) -> None:
        family = changes.get("family", NAMES[number % len(NAMES)])
        row = {"id": int(self.id_of(number)), "name": f"{family} 花{number}", "phone": None, "locale": "ja"}
        row |= {"email": changes.get("email", f"p{number}@example.jp"), "organization_id": (7, 8, None)[number % 3]}
        self.account.put("users", row)

    def delete(self, number: int) -> None:
        self.account.delete(int(self.id_of(number)))

    def merge(self, loser: int, winner: int) -> None:
        self.account.merge(int(self.id_of(loser)), int(self.id_of(winner)))

    def purge(self, number: int) -> None:
        self.account.purge(int(self.id_of(number)))
        self.time.tick(days=8)  # the list of purged users is read once a week


KINDS = {
    "salesforce by REST": SalesforceKind,
    "salesforce by Bulk": lambda: SalesforceKind(bulk=True),
    "hubspot": HubSpotKind,
    "zendesk": ZendeskKind,
}
