"""Cases of contacts that two systems logged, and of contacts that only look so; what happened is known by construction.

Each maker tells a story: what happened at a customer, and what each system wrote of it, with the habits of real ones
(clocks apart, minutes only, the end of a call for its start, other titles, a day for a time). `story` numbers what
really happened: two rows are one event when they have the same number. Stories know nothing of how Meibo decides.

`python tests/bench/same_events.py [SEED] > tests/cases/events/same_events.csv` writes the table that the tests read.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

COLUMNS = (
    "case", "kind", "story", "row", "source", "channel", "direction", "type", "occurred_at", "subject", "outcome",
    "duration_seconds", "amount", "currency", "metric", "score",
)  # fmt: skip
TOPICS = (
    ("お見積りの件", "見積書について"), ("請求書の再発行", "請求書再発行のお願い"), ("納期の確認", "納期確認"),
    ("Pricing question", "Question on pricing"), ("Contract renewal", "Renewal of contract"),
    ("ログインできない", "ログイン不可の件"), ("Delivery delayed", "Delayed delivery"), ("Demo follow-up", "Follow-up demo"),
    ("保守契約のご相談", "保守契約相談"), ("Onboarding session", "Onboarding"),
)  # fmt: skip
PLAIN = ("Call", "Outbound call", "電話", "架電", "TEL", "Phone call", "")
Row = dict[str, object]
Maker = Callable[[Random], Iterator[Row]]


def moment(rng: Random) -> datetime:
    """Return a moment in office hours."""
    return datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=rng.randrange(300), seconds=rng.randrange(32_400))


def event(story: int, source: str, at: datetime, **fields: object) -> Row:
    """Return what a system wrote."""
    return {"story": story, "source": source, "occurred_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **fields}


def later(at: datetime, seconds: float) -> datetime:
    """Return the moment some seconds later."""
    return at + timedelta(seconds=round(seconds))


def call(story: int, source: str, at: datetime, **fields: object) -> Row:
    """Return a phone call as a system wrote it."""
    return event(story, source, at, channel="phone", type="call", **fields)


def mail(story: int, source: str, at: datetime, **fields: object) -> Row:
    """Return a mail as a system wrote it."""
    return event(story, source, at, **({"channel": "email", "type": "message"} | fields))


def call_twice(rng: Random) -> Iterator[Row]:
    """A switchboard and a sales system write down one call: clocks apart, ring tone counted or not."""
    at, length, way = moment(rng), rng.randrange(35, 1500), rng.choice(("inbound", "outbound"))
    topic = rng.choice(TOPICS)
    yield call(1, "sales", at, direction=way, subject=topic[0], duration_seconds=length, outcome="Connected")
    heard = rng.choice((0, 0, rng.randrange(1, 9)))
    subject = rng.choice((topic[0], topic[1], rng.choice(PLAIN)))
    aside = later(at, rng.choice((0, rng.randrange(-25, 40), rng.randrange(-90, 100))))
    yield call(
        1, "support", aside, direction=rng.choice((way, way, None)), subject=subject, duration_seconds=length + heard
    )


def call_by_its_end(rng: Random) -> Iterator[Row]:
    """One system writes when a call began, the other when the agent hung up."""
    at, length, way = moment(rng), rng.randrange(90, 2400), rng.choice(("inbound", "outbound"))
    yield call(1, "support", at, direction=way, subject=rng.choice(PLAIN), duration_seconds=length)
    end = later(at, length + rng.randrange(0, 20))
    yield call(
        1, "sales", end, direction=way, subject=rng.choice(TOPICS)[0], duration_seconds=length + rng.randrange(-2, 4)
    )


def call_without_length(rng: Random) -> Iterator[Row]:
    """Sales types a call in by hand, without its length, to the minute."""
    at, way, topic = moment(rng), rng.choice(("inbound", "outbound")), rng.choice(TOPICS)
    typed = later(at, rng.randrange(0, 60)).replace(second=0)
    yield call(1, "sales", typed, direction=way, subject=rng.choice((topic[0], topic[0], "Call")))
    yield call(1, "support", at, direction=way, subject=topic[0], duration_seconds=rng.randrange(20, 900))


def two_calls_twice(rng: Random) -> Iterator[Row]:
    """Two calls shortly after each other, both written down by both systems."""
    at, lengths = moment(rng), (rng.randrange(20, 60), rng.randrange(120, 600))
    gap = rng.randrange(70, 200)
    for story, length in enumerate(lengths, 1):
        start = at if story == 1 else later(at, lengths[0] + gap)
        yield call(story, "sales", start, direction="outbound", duration_seconds=length, subject="Call")
        yield call(
            story, "support", later(start, rng.randrange(0, 12)), direction="outbound", duration_seconds=length + 1
        )


def mail_in_two_boxes(rng: Random) -> Iterator[Row]:
    """A mail lands in the help desk and, by a blind copy, minutes later in the sales system."""
    at, way, topic = moment(rng), rng.choice(("inbound", "outbound")), rng.choice(TOPICS)[0]
    mark = rng.choice(("", "RE: ", "Re: ", "FW: ", "返信: "))
    yield mail(1, "support", at, direction=way, subject=f"{mark}{topic}")
    copy = rng.choice((topic, f"{mark}{topic}", f"{mark.upper()}{topic} "))
    yield mail(
        1,
        "sales",
        later(at, rng.choice((0, 4, rng.randrange(5, 420)))),
        direction=rng.choice((way, way, None)),
        subject=copy,
    )


def campaign_in_two(rng: Random) -> Iterator[Row]:
    """A campaign mail is written down by the tool that sends it and by the sales system."""
    at, name = moment(rng), f"{rng.choice(('Newsletter', 'ニュースレター', 'Spring offer'))} {rng.randrange(1, 90)}"
    yield mail(1, "marketing", at, direction="outbound", type="email_sent", subject=name)
    yield mail(
        1, "sales", later(at, rng.randrange(0, 90)), direction="outbound", type="email_sent", subject=name.lower()
    )


def meeting_in_two(rng: Random) -> Iterator[Row]:
    """The calendar says when a meeting was to begin, the sales person when it began."""
    at = moment(rng).replace(minute=rng.choice((0, 30)), second=0)
    topic, length = rng.choice(TOPICS), rng.choice((1800, 3600, 5400))
    yield event(1, "marketing", at, channel="meeting", type="meeting", subject=topic[0], duration_seconds=length)
    real = later(at, rng.choice((0, 0, 300, 600)))
    yield event(1, "sales", real, channel="meeting", type="meeting", subject=rng.choice((topic[0], f"商談: {topic[0]}")),
                duration_seconds=rng.choice((length, None)))  # fmt: skip


def order_in_two(rng: Random) -> Iterator[Row]:
    """A shop and the sales system write down one order."""
    at, amount, number = moment(rng), rng.randrange(980, 60_000, 10), rng.randrange(10_000, 99_999)
    order = {"channel": "web", "type": "order", "direction": "inbound", "amount": amount, "currency": "JPY"}
    yield event(1, "shop", at, subject=f"Order {number}", **order)
    yield event(
        1,
        "sales",
        later(at, rng.randrange(0, 900)),
        subject=rng.choice((f"#{number}", f"注文 {number}", None)),
        **order,
    )


def answer_in_two(rng: Random) -> Iterator[Row]:
    """An answer to a survey is carried from one system into another."""
    at, score = moment(rng), rng.randrange(0, 11)
    answer = {"channel": "survey", "type": "survey_response", "direction": "inbound", "metric": "nps", "score": score}
    yield event(1, "marketing", at, subject="NPS 2025", **answer)
    yield event(1, "sales", later(at, rng.randrange(0, 300)), subject=rng.choice(("NPS 2025", None)), **answer)


def form_in_two(rng: Random) -> Iterator[Row]:
    """A form goes to marketing and, as a new lead, to sales."""
    at, name = moment(rng), rng.choice(("資料請求", "Contact us", "Webinar registration", "お問い合わせ"))
    form = {"channel": "web", "type": "form_submitted", "direction": "inbound"}
    yield event(1, "marketing", at, subject=name, **form)
    yield event(1, "sales", later(at, rng.randrange(0, 120)), subject=name, **form)


def call_in_three(rng: Random) -> Iterator[Row]:
    """Three systems write down one call."""
    at, length = moment(rng), rng.randrange(60, 900)
    for source in ("marketing", "sales", "support"):
        aside = later(at, rng.randrange(-15, 20))
        yield call(
            1,
            source,
            aside,
            direction="inbound",
            subject=rng.choice(PLAIN),
            duration_seconds=length + rng.randrange(0, 3),
        )


def call_by_day(rng: Random) -> Iterator[Row]:
    """Sales writes only the day of a call: nobody can be sure, and it counts as an event that is missed."""
    at, topic = moment(rng), rng.choice(TOPICS)
    yield call(1, "sales", at.replace(hour=0, minute=0, second=0), subject=topic[0])
    yield call(1, "support", at, direction="inbound", subject=topic[1], duration_seconds=rng.randrange(60, 600))


def call_that_rang(rng: Random) -> Iterator[Row]:
    """One system counts from the first ring, the other from the answer."""
    at, length, rings, topic = moment(rng), rng.randrange(30, 1200), rng.randrange(10, 35), rng.choice(TOPICS)
    yield call(1, "support", at, direction="inbound", subject=topic[0], duration_seconds=length + rings)
    talk = later(at, rings)
    yield call(1, "sales", talk, direction="inbound", subject=rng.choice(topic), duration_seconds=length)


def call_typed_later(rng: Random) -> Iterator[Row]:
    """Sales types a call in minutes after it, and takes that moment for its time."""
    at, topic = moment(rng), rng.choice(TOPICS)
    yield call(1, "support", at, direction="outbound", subject=topic[0], duration_seconds=rng.randrange(60, 600))
    yield call(1, "sales", later(at, rng.randrange(150, 1200)), direction="outbound", subject=rng.choice(topic))


def mail_cut_short(rng: Random) -> Iterator[Row]:
    """One system cuts the subject of a mail."""
    at, topic = (
        moment(rng),
        rng.choice(
            ("Your order and the terms of delivery for the spring season", "春の新商品および納品条件に関するご連絡")
        ),
    )
    yield mail(1, "support", at, direction="outbound", subject=topic)
    yield mail(
        1, "sales", later(at, rng.randrange(0, 200)), direction="outbound", subject=f"{topic[: len(topic) * 2 // 3]}…"
    )


def meeting_moved(rng: Random) -> Iterator[Row]:
    """A meeting is held later than the calendar says, and the calendar is not put right."""
    at, topic = moment(rng).replace(minute=0, second=0), rng.choice(TOPICS)[0]
    yield event(1, "marketing", at, channel="meeting", type="meeting", subject=topic, duration_seconds=3600)
    yield event(1, "sales", later(at, rng.choice((900, 1800, 3600))), channel="meeting", type="meeting", subject=topic)


SAME: tuple[tuple[Maker, int], ...] = (
    (call_twice, 70), (call_by_its_end, 25), (call_without_length, 30), (two_calls_twice, 20), (mail_in_two_boxes, 50),
    (campaign_in_two, 20), (meeting_in_two, 30), (order_in_two, 25), (answer_in_two, 15), (form_in_two, 15),
    (call_in_three, 10), (call_that_rang, 15), (mail_cut_short, 8), (call_typed_later, 6), (meeting_moved, 6),
    (call_by_day, 5),
)  # fmt: skip


def make_cases(seed: int) -> list[Row]:
    """Return the rows of all cases."""
    from same_events_apart import APART

    rng = Random(seed)
    rows: list[Row] = []
    for maker, count in (*SAME, *APART):
        for _ in range(count):
            made = list(maker(rng))
            rng.shuffle(made)
            case = f"{len({row['case'] for row in rows}) + 1:04d}"
            rows += [{"case": case, "kind": maker.__name__, "row": n} | row for n, row in enumerate(made, 1)]
    return rows


def main() -> None:
    """Write the table to standard output."""
    writer = csv.DictWriter(sys.stdout, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(make_cases(int(sys.argv[1]) if len(sys.argv) > 1 else 20251122))


if __name__ == "__main__":
    main()
