"""Times of events are what the warehouse keeps of them: a night that reads an event and one that finds it agree."""

from typing import Any


def test_two_events_of_one_microsecond_have_one_order_in_every_night(small: Any) -> None:
    """Systems write seven decimals: of equal times the larger id is the later one, new or stored, as a query sees it."""
    text = small.config.read_text("utf-8").replace("{channel: phone, type: call, direction: outbound}", "{type: note}")
    small.config.write_text(text.replace("subject: subject}", "subject: subject, channel: via}"), "utf-8")
    who = {"who": "S000", "subject": ""}
    small.calls = [
        who | {"id": "a", "at": "2026-02-01T09:00:00.1234567Z", "via": "phone"},
        who | {"id": "b", "at": "2026-02-01T09:00:00.1234561Z", "via": "chat"},
    ]
    small.write().freeze().run()
    first = small.table("golden_profile")["last_contact_channel"].dropna().tolist()
    small.calls.append(who | {"id": "c", "at": "2026-01-01", "via": "web"})
    assert small.write().run(alone=True)["status"] == "succeeded"
    profile = small.table("golden_profile").dropna(subset=["last_contact_channel"]).iloc[0]
    assert (first, profile["last_contact_channel"], profile["contact_count"]) == (["chat"], "chat", 3)
    before = small.tables()
    small.backfill(rebuild=True)
    assert small.tables() == before
