"""The declared APIs behind the same few verbs as the vendors."""

from typing import Any

from fakes.declared import FakeBase, FakeIntercom, FakeKintone, FakeList, FakeMailchimp, FakeMarketo, FakeShopify
from fakes.kinds import NAMES, ApiKind, load


class DeclaredKind(ApiKind):
    """One declared API with people in it."""

    fake: FakeList
    tells_winner = False
    can_delete = True  # where it is not so, some promises cannot be held against it
    seconds_of_ids = 8 * 86_400  # until rows that vanished are noticed

    def __init__(self, fake: type[FakeList], system: str, credentials: str, stream: str) -> None:
        super().__init__()
        self.fake = fake(self.time)
        api = f"{{system: {system}, base_url: '{self.fake.url}', {credentials}, timeout_seconds: 10}}"
        self.settings = load(api, f"{{contacts: {stream}}}", "marketing")

    def put(self, number: int, **changes: Any) -> None:
        family = changes.get("family", NAMES[number % len(NAMES)])
        self.fake.put(number, self.row(family, changes.get("email", f"p{number}@example.jp")))

    def row(self, family: str, email: str) -> dict[str, Any]:
        """Return a person in the API's own shape."""
        raise NotImplementedError

    def delete(self, number: int) -> None:
        self.purge(number)

    def merge(self, loser: int, winner: int) -> None:
        self.put(winner)
        self.fake.remove(loser)

    def purge(self, number: int) -> None:
        self.fake.remove(number)
        self.time.tick(seconds=self.seconds_of_ids)


class KintoneKind(DeclaredKind):
    """An app of customers."""

    reads_changes_alone = False  # times of change go by the minute

    def __init__(self) -> None:
        stream = "{object: records, options: {app: 12}, preset: kintone_customer}"
        super().__init__(FakeKintone, "kintone", "token: secret-of-the-api", stream)

    def id_of(self, number: int) -> str:
        return str(number)

    def row(self, family: str, email: str) -> dict[str, Any]:
        return {"担当者名": family, "メールアドレス": email, "会社名": "㈱山", "区分": ["A", "B"], "TEL": ""}


class IntercomKind(DeclaredKind):
    """A workspace."""

    reads_changes_alone = False  # a search goes by days

    def __init__(self) -> None:
        stream = "{object: contacts, preset: intercom_contact}"
        super().__init__(FakeIntercom, "intercom", "token: secret-of-the-api", stream)

    def id_of(self, number: int) -> str:
        return f"c{number}"

    def row(self, family: str, email: str) -> dict[str, Any]:
        return {"name": family, "email": email, "unsubscribed_from_emails": False, "location": {"country": "Japan"}}


class MarketoKind(DeclaredKind):
    """A static list: every run reads it whole."""

    reads_changes_alone = False
    seconds_of_ids = 0

    def __init__(self) -> None:
        stream = "{object: leads, options: {list: 77}, preset: marketo_lead}"
        keys = "client_id: client-id, client_secret: secret-of-the-api"
        super().__init__(FakeMarketo, "marketo", keys, stream)

    def id_of(self, number: int) -> str:
        return str(number)

    def row(self, family: str, email: str) -> dict[str, Any]:
        return {"lastName": family, "email": email, "unsubscribed": False}


class MailchimpKind(DeclaredKind):
    """An audience: members are archived rather than deleted."""

    def __init__(self) -> None:
        stream = "{object: members, options: {list: abc}, preset: mailchimp_member}"
        super().__init__(FakeMailchimp, "mailchimp", "token: secret-of-the-api", stream)

    def id_of(self, number: int) -> str:
        return f"m{number:05}"

    def row(self, family: str, email: str) -> dict[str, Any]:
        return {"email_address": email, "merge_fields": {"LNAME": family, "FNAME": "花"}, "member_rating": 2}

    def delete(self, number: int) -> None:
        self.fake.put(number, {"status": "archived"})


class ShopifyKind(DeclaredKind):
    """A shop."""

    def __init__(self) -> None:
        super().__init__(
            FakeShopify, "shopify", "token: secret-of-the-api", "{object: customers, preset: shopify_customer}"
        )

    def id_of(self, number: int) -> str:
        return f"gid://shopify/Customer/{number}"

    def row(self, family: str, email: str) -> dict[str, Any]:
        address = {
            "defaultEmailAddress": {"emailAddress": email, "marketingState": "SUBSCRIBED"},
            "defaultAddress": None,
        }
        return {"lastName": family, "firstName": "花", **address}


class BaseKind(DeclaredKind):
    """A shop whose buyers are known by their orders; nothing is ever deleted."""

    can_delete = False

    def __init__(self) -> None:
        keys = "client_id: client-id, client_secret: client-secret, refresh_token: secret-of-the-api, redirect_uri: https://a.example"
        super().__init__(FakeBase, "base", keys, "{object: orders, preset: base_buyer}")

    def id_of(self, number: int) -> str:
        return f"B{number}"

    def row(self, family: str, email: str) -> dict[str, Any]:
        return {"last_name": family, "first_name": "花", "mail_address": email, "order_receiver": {"last_name": "x"}}


DECLARED_KINDS = {
    "kintone": KintoneKind,
    "intercom": IntercomKind,
    "marketo": MarketoKind,
    "mailchimp": MailchimpKind,
    "shopify": ShopifyKind,
    "base": BaseKind,
}
