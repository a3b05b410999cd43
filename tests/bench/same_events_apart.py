"""Cases of contacts that look like one event in two systems and are two: see same_events."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from same_events import PLAIN, TOPICS, Maker, Row, call, event, later, mail, moment


def call_and_call_back(rng: Random) -> Iterator[Row]:
    """Sales reaches nobody; the customer calls support back a minute later."""
    at, topic = moment(rng), rng.choice(TOPICS)[0]
    yield call(1, "sales", at, direction="outbound", subject=topic, duration_seconds=rng.choice((0, 12, None)))
    yield call(
        2,
        "support",
        later(at, rng.randrange(40, 240)),
        direction="inbound",
        subject=topic,
        duration_seconds=rng.randrange(60, 900),
    )


def redialled(rng: Random) -> Iterator[Row]:
    """Nobody answers a call; a colleague tries again from the other system soon after."""
    at, topic = moment(rng), rng.choice(TOPICS)[0]
    yield call(
        1, "sales", at, direction="outbound", subject=topic, outcome="No answer", duration_seconds=rng.randrange(0, 25)
    )
    again = later(at, rng.randrange(50, 300))
    yield call(
        2,
        "support",
        again,
        direction="outbound",
        subject=rng.choice((topic, "Call")),
        duration_seconds=rng.randrange(70, 900),
    )


def two_calls_of_a_day(rng: Random) -> Iterator[Row]:
    """Sales and support both call on one matter, some while apart."""
    at, topic, length = moment(rng), rng.choice(TOPICS), rng.randrange(60, 900)
    yield call(1, "sales", at, direction="outbound", subject=topic[0], duration_seconds=length)
    other = later(at, length + rng.randrange(300, 6000))
    yield call(
        2,
        "support",
        other,
        direction="outbound",
        subject=topic[0],
        duration_seconds=rng.choice((length, rng.randrange(60, 900))),
    )


def two_short_calls(rng: Random) -> Iterator[Row]:
    """Two messages left on the machine by two teams within minutes, about equally long, on different matters."""
    at = moment(rng)
    one, other = rng.sample(TOPICS, 2)
    yield call(1, "sales", at, direction="outbound", subject=one[0], duration_seconds=rng.randrange(15, 45))
    yield call(
        2,
        "support",
        later(at, rng.randrange(150, 500)),
        direction="outbound",
        subject=other[0],
        duration_seconds=rng.randrange(15, 45),
    )


def calls_of_one_system(rng: Random) -> Iterator[Row]:
    """One system writes down two calls a minute apart: it would not write one twice."""
    at = moment(rng)
    yield call(1, "support", at, direction="inbound", subject=rng.choice(PLAIN), duration_seconds=rng.randrange(10, 50))
    yield call(
        2, "support", later(at, rng.randrange(55, 100)), direction="inbound", duration_seconds=rng.randrange(10, 50)
    )


def mail_and_reply(rng: Random) -> Iterator[Row]:
    """A mail and its answer minutes later, each in one system, under one subject."""
    at, topic = moment(rng), rng.choice(TOPICS)[0]
    yield mail(1, "sales", at, direction="outbound", subject=topic)
    yield mail(2, "support", later(at, rng.randrange(30, 600)), direction="inbound", subject=f"Re: {topic}")


def mail_sent_again(rng: Random) -> Iterator[Row]:
    """A mail is sent again, corrected, from the other system."""
    at, topic = moment(rng), rng.choice(TOPICS)[0]
    yield mail(1, "sales", at, direction="outbound", subject=topic)
    yield mail(
        2, "support", later(at, rng.choice((rng.randrange(1500, 7200), 86_400))), direction="outbound", subject=topic
    )


def two_campaigns(rng: Random) -> Iterator[Row]:
    """Two campaigns go out in the same minute; their names differ by a number or a word."""
    at, number = moment(rng), rng.randrange(1, 80)
    names = rng.choice(
        ((f"Newsletter {number}", f"Newsletter {number + 1}"), (f"第{number}回セミナーのご案内", f"第{number + 1}回セミナーのご案内"),
         ("Spring offer", "Summer offer"), ("価格改定のお知らせ", "休業日のお知らせ"))
    )  # fmt: skip
    yield mail(1, "marketing", at, direction="outbound", type="email_sent", subject=names[0])
    yield mail(2, "sales", later(at, rng.randrange(0, 50)), direction="outbound", type="email_sent", subject=names[1])


def campaign_and_mail(rng: Random) -> Iterator[Row]:
    """A campaign mail and a personal one in the same minutes."""
    at = moment(rng)
    yield mail(
        1, "marketing", at, direction="outbound", type="email_sent", subject=f"Newsletter {rng.randrange(1, 90)}"
    )
    yield mail(2, "sales", later(at, rng.randrange(0, 200)), direction="outbound", subject=rng.choice(TOPICS)[0])


def meetings_in_a_row(rng: Random) -> Iterator[Row]:
    """Two teams meet the customer one after the other, or weekly under one title."""
    at = moment(rng).replace(minute=0, second=0)
    title = rng.choice(("定例会", "Weekly", "Review"))
    yield event(1, "sales", at, channel="meeting", type="meeting", subject=title, duration_seconds=1800)
    other = rng.choice((later(at, 1800), later(at, 3600), at + timedelta(days=7)))
    yield event(2, "marketing", other, channel="meeting", type="meeting", subject=title, duration_seconds=1800)


def ordered_again(rng: Random) -> Iterator[Row]:
    """The same basket is bought again: another number within minutes, or some days later."""
    at, amount, number = moment(rng), rng.randrange(980, 60_000, 10), rng.randrange(10_000, 99_990)
    order = {"channel": "web", "type": "order", "direction": "inbound", "amount": amount, "currency": "JPY"}
    yield event(1, "shop", at, subject=f"Order {number}", **order)
    soon = rng.random() < 0.6
    subject = f"Order {number + rng.randrange(1, 9)}" if soon else None
    yield event(
        2,
        "sales",
        later(at, rng.randrange(60, 900) if soon else rng.randrange(90_000, 400_000)),
        subject=subject,
        **order,
    )


def two_orders(rng: Random) -> Iterator[Row]:
    """Two baskets of different price minutes apart."""
    at, order = moment(rng), {"channel": "web", "type": "order", "direction": "inbound", "currency": "JPY"}
    yield event(1, "shop", at, amount=rng.randrange(1000, 2000), **order)
    yield event(2, "sales", later(at, rng.randrange(0, 600)), amount=rng.randrange(2001, 9000), **order)


def two_answers(rng: Random) -> Iterator[Row]:
    """Two questions of one survey are answered at once, with the same or another number."""
    at, score = moment(rng), rng.randrange(1, 6)
    answer = {"channel": "survey", "type": "survey_response", "direction": "inbound"}
    yield event(1, "marketing", at, metric="csat", score=score, **answer)
    metric = rng.choice(("ces", "csat"))
    yield event(
        2,
        "support",
        later(at, rng.randrange(0, 200)),
        metric=metric,
        score=score if metric == "ces" else score % 5 + 1,
        **answer,
    )


def two_forms(rng: Random) -> Iterator[Row]:
    """Two different forms are sent within a minute or two."""
    at, form = moment(rng), {"channel": "web", "type": "form_submitted", "direction": "inbound"}
    one, other = rng.sample(("資料請求", "Contact us", "Webinar registration", "お問い合わせ", "Free trial"), 2)
    yield event(1, "marketing", at, subject=one, **form)
    yield event(2, "sales", later(at, rng.randrange(5, 110)), subject=other, **form)


def call_in_a_meeting(rng: Random) -> Iterator[Row]:
    """A call and a meeting at one time are two contacts."""
    at, topic = moment(rng), rng.choice(TOPICS)[0]
    yield call(1, "support", at, direction="inbound", subject=topic, duration_seconds=1800)
    yield event(
        2,
        "sales",
        later(at, rng.randrange(0, 60)),
        channel="meeting",
        type="meeting",
        subject=topic,
        duration_seconds=1800,
    )


def opened_twice(rng: Random) -> Iterator[Row]:
    """A mail is opened, and opened again: each opening counts."""
    at, name = moment(rng), f"Newsletter {rng.randrange(1, 90)}"
    yield mail(1, "marketing", at, type="email_opened", direction="inbound", subject=name)
    yield mail(2, "sales", later(at, rng.randrange(1, 60)), type="email_opened", direction="inbound", subject=name)


def transferred(rng: Random) -> Iterator[Row]:
    """Support takes a call and hands it on to sales: two people were spoken to, one after the other."""
    at, first, topic = moment(rng), rng.randrange(45, 240), rng.choice(TOPICS)[0]
    yield call(1, "support", at, direction="inbound", subject=topic, duration_seconds=first)
    length = rng.choice((None, rng.randrange(60, 900)))
    yield call(
        2, "sales", later(at, first + rng.randrange(2, 20)), direction="inbound", subject=topic, duration_seconds=length
    )


def numbered_mails(rng: Random) -> Iterator[Row]:
    """Two papers of one kind are mailed one after the other; only a number tells them apart."""
    at, month = moment(rng), rng.randrange(1, 12)
    names = rng.choice(
        ((f"請求書 2025年{month}月分", f"請求書 2025年{month + 1}月分"), ("Quote v1", "Quote v2"),
         (f"Invoice 2025-{month:03d}", f"Invoice 2025-{month + 1:03d}"), ("契約書 1/2", "契約書 2/2"))
    )  # fmt: skip
    yield mail(1, "sales", at, direction="outbound", subject=names[0])
    yield mail(2, "support", later(at, rng.randrange(5, 300)), direction="outbound", subject=names[1])


APART: tuple[tuple[Maker, int], ...] = (
    (call_and_call_back, 30), (redialled, 30), (two_calls_of_a_day, 30), (two_short_calls, 15), (calls_of_one_system, 15),
    (mail_and_reply, 30), (mail_sent_again, 20), (two_campaigns, 25), (campaign_and_mail, 20), (meetings_in_a_row, 20),
    (ordered_again, 20), (two_orders, 15), (two_answers, 15), (two_forms, 15), (call_in_a_meeting, 10), (opened_twice, 10),
    (transferred, 12), (numbered_mails, 15),
)  # fmt: skip
