"""A customer chose on a day whose hour nobody told: a denial counts to its end, a grant from its beginning."""

import pandas as pd
import pytest

from resolve.golden.survive import DEFAULT_RULES, survive_profiles
from resolve.schema import conform, frames
from resolve.standardise.contact import standardise_contacts

DAY = "2026-02-28T15:00:00.000000Z/2026-03-01T14:59:59.999999Z"  # 2026-03-01 in Tokyo
TEN = "2026-03-01T01:00:00.000000Z"  # at ten in the morning there


def contacts(*rows: dict[str, str]) -> pd.DataFrame:
    """Return CONTACTS of records of one person."""
    records = [{"source": "crm", "source_id": str(n), "full_name": "佐藤 花子"} | row for n, row in enumerate(rows)]
    return standardise_contacts(conform(pd.DataFrame(records, dtype=object), frames.SOURCE_RECORDS))


def settle(kind: str, *said: tuple[str, str]) -> str:
    """Return the consent of a customer whose records say (consent, when)."""
    mine = contacts(*({f"{kind}_consent": word, f"{kind}_consent_at": when} for word, when in said))
    links = mine[["contact_id"]].assign(golden_id="G1")
    return str(survive_profiles(mine, links, DEFAULT_RULES, {}).profiles[f"{kind}_consent"].iloc[0])


def test_a_day_of_a_denial_is_its_end_and_of_a_grant_its_beginning() -> None:
    """Whatever says so: a consent or an opt-out; times stay as they are."""
    said = [{"email_consent": "no"}, {"email_opt_out": "yes"}, {"email_consent": "yes"}, {}]
    found = contacts(
        *({"email_consent_at": DAY} | row for row in said), {"email_consent": "no", "email_consent_at": TEN}
    )
    ends = [pd.Timestamp(one) for one in DAY.split("/")]
    assert found["email_consent_at"].tolist() == [ends[1], ends[1], ends[0], ends[0], pd.Timestamp(TEN)]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_a_denial_of_a_day_overrules_a_grant_on_it(kind: str) -> None:
    """Not one of the next day, nor is a denial overruled by a grant of its day."""
    assert settle(kind, ("no", DAY), ("yes", TEN)) == "denied"
    assert settle(kind, ("no", DAY), ("yes", "2026-03-01T15:00:00.000000Z")) == "granted"
    assert settle(kind, ("no", TEN), ("yes", DAY)) == "denied"
