"""What happened with the customers: calls and mails in sales, campaigns and surveys in marketing, tickets in support.

`events` multiplies how much happens with each.
"""

import numpy as np

from generator.draw import Draw, Ints, Texts, missing, texts
from generator.lists import words
from generator.lives import END
from generator.observe import Records
from generator.vendors import Columns, salesforce_id, stamps

_CALL_ENDS = ("Connected", "Left voicemail", "No answer", "Connected")


def _moments(draw: Draw, records: Records, rows: Ints) -> np.ndarray:
    """Return a moment after the creation of each record."""
    span = (END - records.created[rows]).astype(np.int64)
    return records.created[rows] + (draw.unit(len(rows)) * span).astype("timedelta64[s]")


def _rows(draw: Draw, records: Records, source: int, mean: float) -> Ints:
    """Return records of a source, each as often as it has events: most have few, some many."""
    own = np.flatnonzero(records.source == source)
    counts = np.floor(-mean * np.log(1 - draw.unit(len(own)) * 0.999)).astype(np.int64)
    return np.repeat(own, counts)


def _subjects(draw: Draw, records: Records, rows: Ints) -> Texts:
    """Return subjects in the language of the record."""
    japanese = records.text["language"][rows] != "en"
    return np.where(japanese, draw.of(words("subject_ja"), len(rows)), draw.of(words("subject_en"), len(rows)))


def sales_tasks(draw: Draw, records: Records, ids: Texts, first: int, events: float = 1.0) -> Columns:
    """Return a Salesforce Task export: completed calls and mails, and a few tasks still open."""
    rows = _rows(draw, records, 0, 1.1 * events)
    n = len(rows)
    when = _moments(draw, records, rows)
    call, opened = draw.chance(0.55, n), draw.chance(0.06, n)
    done = np.where(opened, None, stamps(when, ".000"))
    return {
        "Id": texts([salesforce_id("00T", first + i) for i in range(n)]), "WhoId": ids[rows],
        "Subject": _subjects(draw, records, rows), "Status": np.where(opened, "Not Started", "Completed").astype(object),
        "TaskSubtype": np.where(call, "Call", "Email").astype(object),
        "CallType": np.where(call, draw.of(("Inbound", "Outbound"), n), None),
        "CallDurationInSeconds": np.where(call, texts([str(20 + int(u * 1500)) for u in draw.unit(n)]), None),
        "CallDisposition": np.where(call, draw.of(_CALL_ENDS, n), None),
        "ActivityDate": texts(when.astype("datetime64[D]").astype(str)), "CompletedDateTime": done,
        "CreatedDate": stamps(when, ".000"), "SystemModstamp": stamps(when, ".000"), "IsDeleted": texts(["false"] * n),
    }  # fmt: skip


def marketing_engagements(draw: Draw, records: Records, ids: Texts, first: int, events: float = 1.0) -> Columns:
    """Return HubSpot-like engagements: mails sent, opened and clicked, forms, visits; some known by address alone."""
    rows = _rows(draw, records, 1, 1.5 * events)
    n = len(rows)
    kind = texts(["EMAIL_SENT", "EMAIL_OPEN", "EMAIL_CLICK", "FORM_SUBMISSION", "PAGE_VIEW"])[
        draw.weighted((3, 4, 1.5, 1, 2), n)
    ]
    mails = records.text["email"][rows]
    mailed = np.array([value.startswith("EMAIL") for value in kind]) & (mails != np.array(None))
    anonymous = mailed & draw.chance(0.2, n)
    return {
        "id": texts([str(70_000_001 + first + i) for i in range(n)]), "type": kind,
        "contact_id": np.where(anonymous, None, ids[rows]), "recipient": np.where(mailed, mails, None),
        "hs_timestamp": stamps(_moments(draw, records, rows), ".000"),
        "direction": np.where(kind == "EMAIL_SENT", "EMAIL", None), "subject": draw.of(words("campaign"), n),
        "status": np.where(kind == "EMAIL_SENT", "SENT", None), "duration_ms": missing(n),
    }  # fmt: skip


def logged_twice(draw: Draw, tasks: Columns, records: Records, ids: Texts, first: int) -> Columns:
    """Return calls of the task export that marketing logged as well, seconds apart, under its own contact."""
    source = dict(zip(ids, records.person, strict=True))
    own: dict[int, str] = {}
    for at in np.flatnonzero((records.source == 1) & (records.person >= 0)):
        own.setdefault(int(records.person[at]), ids[at])
    calls = (tasks["TaskSubtype"] == "Call") & (tasks["CompletedDateTime"] != np.array(None))
    picked = [i for i in np.flatnonzero(calls & draw.chance(0.15, len(calls))) if int(source[tasks["WhoId"][i]]) in own]
    n = len(picked)
    when = texts([tasks["CompletedDateTime"][i][:19] for i in picked]).astype("datetime64[s]")
    seconds = texts([tasks["CallDurationInSeconds"][i] for i in picked])
    return {
        "id": texts([str(80_000_001 + first + i) for i in range(n)]), "type": texts(["CALL"] * n),
        "contact_id": texts([own[int(source[tasks["WhoId"][i]])] for i in picked]), "recipient": missing(n),
        "hs_timestamp": stamps(when + draw.whole(-20, 40, n).astype("timedelta64[s]"), ".000"),
        "direction": texts([tasks["CallType"][i].upper() for i in picked]), "subject": tasks["Subject"][picked],
        "status": texts(["COMPLETED"] * n), "duration_ms": texts([f"{value}000" for value in seconds]),
    }  # fmt: skip


def feedback(draw: Draw, records: Records, ids: Texts, first: int, events: float = 1.0) -> Columns:
    """Return survey answers: NPS 0..10, CES 1..7, CSAT 1..5."""
    rows = _rows(draw, records, 1, 0.35 * events)
    n = len(rows)
    kind = draw.weighted((5, 2, 3), n)
    low, high = np.array([0, 1, 1])[kind], np.array([11, 8, 6])[kind]
    score = (high - 1 - np.floor((draw.unit(n) ** 1.8) * (high - low))).astype(np.int64)
    when = stamps(_moments(draw, records, rows), ".000")
    return {
        "id": texts([str(90_000_001 + first + i) for i in range(n)]), "contact_id": ids[rows],
        "hs_survey_type": texts(["NPS", "CES", "CSAT"])[kind], "hs_survey_name": draw.of(words("campaign"), n),
        "hs_value": texts([str(value) for value in score]), "hs_submission_timestamp": when, "hs_lastmodifieddate": when,
    }  # fmt: skip


def support_tickets(draw: Draw, records: Records, ids: Texts, first: int, events: float = 1.0) -> Columns:
    """Return Zendesk tickets with the old good/bad satisfaction score."""
    rows = _rows(draw, records, 2, 1.0 * events)
    n = len(rows)
    when = _moments(draw, records, rows)
    solved = draw.chance(0.9, n)
    end = when + draw.whole(600, 900_000, n).astype("timedelta64[s]")
    score = draw.of(("good", "good", "good", "bad", "offered", "offered", "unoffered", "unoffered"), n)
    return {
        "id": texts([str(1001 + first + i) for i in range(n)]), "requester_id": ids[rows],
        "subject": _subjects(draw, records, rows), "via_channel": draw.of(("email", "web", "voice", "chat", "email"), n),
        "status": np.where(solved, draw.of(("solved", "closed"), n), draw.of(("open", "pending"), n)),
        "created_at": stamps(when), "updated_at": stamps(np.where(solved, end, when)),
        "solved_at": np.where(solved, stamps(end), None), "satisfaction_score": np.where(solved, score, "unoffered"),
    }  # fmt: skip
