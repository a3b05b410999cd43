"""SQL of the views on contact history: timeline, journey, experience, segments; one text for SQLite and PostgreSQL."""

from connectors.warehouse.view_words import Words

_STAGES = ("awareness", "consideration", "purchase", "onboarding", "use", "support", "renewal")
_ACTIVE = (
    "'form_submitted', 'call', 'meeting', 'visit', 'message', 'email_reply', 'campaign_response', 'card_exchanged'"
)
_TOLD = """h.channel, h.direction, h.type, h.subject, h.outcome, h.metric, h.score, h.scale_min, h.scale_max, h.amount,
    h.currency, h.duration_seconds, h.journey_stage, h.source"""


def timeline() -> str:
    """Return the query of customer_timeline."""
    return f"""
SELECT h.golden_id, h.occurred_at, h.touchpoint_id, {_TOLD},
    1 + (SELECT COUNT(*) FROM contact_history d
         WHERE d.golden_id = h.golden_id AND d.duplicate_of = h.touchpoint_id) AS logged_count
FROM contact_history h
WHERE h.golden_id IS NOT NULL AND h.duplicate_of IS NULL"""


def journey(words: Words) -> str:
    """Return the query of customer_journey: contacts with their stages, runs of one stage as steps."""
    # Every layer is partitioned by customer, none is grouped: SQLite reads one customer alone where one is asked for.
    order = " ".join(f"WHEN '{name}' THEN {number}" for number, name in enumerate(_STAGES, start=1))
    in_time = "OVER (PARTITION BY golden_id ORDER BY occurred_at, touchpoint_id)"
    so_far = "OVER (PARTITION BY golden_id ORDER BY occurred_at, touchpoint_id ROWS UNBOUNDED PRECEDING)"
    of_step = "OVER (PARTITION BY golden_id, step)"
    by_step = "OVER (PARTITION BY golden_id ORDER BY step)"
    return f"""
WITH told AS (
    SELECT golden_id, touchpoint_id, occurred_at, channel, type, journey_stage,
        MAX(CASE WHEN type = 'order' THEN 1 ELSE 0 END) {so_far} AS has_bought
    FROM contact_history WHERE golden_id IS NOT NULL AND duplicate_of IS NULL
), staged AS (
    SELECT golden_id, touchpoint_id, occurred_at, channel, COALESCE(journey_stage, CASE
        WHEN type = 'order' THEN 'purchase' WHEN type LIKE 'ticket%' THEN 'support'
        WHEN type = 'survey_response' THEN 'use'
        WHEN type IN ({_ACTIVE}) AND has_bought = 1 THEN 'use' WHEN type IN ({_ACTIVE}) THEN 'consideration'
        ELSE 'awareness' END) AS stage
    FROM told
), beside AS (
    SELECT golden_id, touchpoint_id, occurred_at, channel, stage,
        CASE WHEN stage = LAG(stage) {in_time} THEN 0 ELSE 1 END AS is_first,
        CASE WHEN channel <> LAG(channel) {in_time} THEN 1 ELSE 0 END AS is_other_channel
    FROM staged
), numbered AS (
    SELECT golden_id, occurred_at, channel, stage, is_first, is_other_channel, SUM(is_first) {so_far} AS step
    FROM beside
), steps AS (
    SELECT golden_id, CAST(step AS BIGINT) AS step, stage, is_first, MIN(occurred_at) {of_step} AS started_at,
        MAX(occurred_at) {of_step} AS ended_at, COUNT(*) {of_step} AS contact_count,
        MAX(CASE WHEN is_first = 1 THEN channel END) {of_step} AS first_channel,
        SUM(is_other_channel) {of_step} AS channel_changes
    FROM numbered
)
SELECT golden_id, step, stage, CASE stage {order} ELSE 0 END AS stage_order, started_at, ended_at, contact_count,
    first_channel, channel_changes, LAG(stage) {by_step} AS previous_stage,
    {words.seconds(f"LAG(ended_at) {by_step}", "started_at")} AS seconds_since_previous
FROM steps WHERE is_first = 1"""


def _answers(words: Words) -> str:
    """Return the columns that sum answers of one metric and scale up."""
    on_ten = "metric = 'nps' AND scale_min = 0 AND scale_max = 10"
    top = "score - scale_min >= 0.75 * (scale_max - scale_min)"
    promoters, detractors = (f"SUM(CASE WHEN score {bound} THEN 1 ELSE 0 END)" for bound in (">= 9", "<= 6"))
    return f"""metric, scale_min, scale_max, COUNT(*) AS response_count, AVG(score) AS score_mean,
    CASE WHEN metric = 'csat' THEN {words.real(f"100.0 * SUM(CASE WHEN {top} THEN 1 ELSE 0 END) / COUNT(*)")} END
        AS csat_percent,
    CASE WHEN {on_ten} THEN {promoters} END AS promoter_count,
    CASE WHEN {on_ten} THEN {detractors} END AS detractor_count,
    CASE WHEN {on_ten} THEN {words.real(f"100.0 * ({promoters} - {detractors}) / COUNT(*)")} END AS nps,
    CASE WHEN metric = 'ces' THEN AVG(score) END AS ces_mean"""


_ANSWERED = "metric IS NOT NULL AND score IS NOT NULL AND duplicate_of IS NULL"


def experience_daily(words: Words) -> str:
    """Return the query of experience_daily."""
    day = words.day("occurred_at")
    return f"""
SELECT {day} AS day, {_answers(words)}
FROM contact_history WHERE {_ANSWERED} GROUP BY {day}, metric, scale_min, scale_max"""


def experience_by_channel(words: Words) -> str:
    """Return the query of experience_by_channel: each answer with the channel of the last contact before it."""
    # One pass in time, for a look-up for each answer costs the square of a customer's contacts. A contact and the
    # answers up to the next one have the same number of contacts so far.
    return f"""
WITH told AS (
    SELECT golden_id, touchpoint_id, occurred_at, channel, metric, score, scale_min, scale_max,
        CASE WHEN metric IS NULL THEN 1 ELSE 0 END AS is_contact
    FROM contact_history
    WHERE duplicate_of IS NULL AND (metric IS NULL AND channel <> 'survey' OR metric IS NOT NULL AND score IS NOT NULL)
        AND golden_id IN (SELECT golden_id FROM contact_history WHERE {_ANSWERED})
), numbered AS (
    SELECT golden_id, channel, metric, score, scale_min, scale_max, is_contact, SUM(is_contact) OVER (
        PARTITION BY golden_id ORDER BY occurred_at, is_contact DESC, touchpoint_id ROWS UNBOUNDED PRECEDING
    ) AS contacts
    FROM told
), beside AS (
    SELECT channel, metric, score, scale_min, scale_max, is_contact,
        MAX(CASE WHEN is_contact = 1 THEN channel END) OVER (PARTITION BY golden_id, contacts) AS channel_before
    FROM numbered
)
SELECT channel, {_answers(words)}
FROM (
    SELECT metric, score, scale_min, scale_max, COALESCE(channel_before, channel) AS channel
    FROM beside WHERE is_contact = 0
    UNION ALL
    SELECT metric, score, scale_min, scale_max, channel FROM contact_history WHERE {_ANSWERED} AND golden_id IS NULL
) answers GROUP BY channel, metric, scale_min, scale_max"""


def segment(words: Words) -> str:
    """Return the query of customer_segment: the first rule of each dimension whose bounds all hold."""
    # Look-ups by customer in tables without a name: in both databases one customer, named or joined, costs its own
    # contacts. Sums of everyone would be made before anyone is asked for.
    bounds = " AND ".join(
        f"(r.{name}_from IS NULL OR f.{fact} >= r.{name}_from)"
        f" AND (r.{name}_below IS NULL OR f.{fact} < r.{name}_below)"
        for name, fact in (("days", "days_since_contact"), ("contacts", "contact_count"), ("orders", "order_count"))
    )
    first = f"SELECT r.segment FROM segment_rule r WHERE r.dimension = '%s' AND {bounds} ORDER BY r.position LIMIT 1"
    spent = (
        "(r.amount_from IS NULL OR s.amount >= r.amount_from) AND (r.amount_below IS NULL OR s.amount < r.amount_below)"
    )
    ordered = "h.type = 'order' AND h.duplicate_of IS NULL"
    last_run = "(SELECT MAX(started_at) FROM run_manifest WHERE status IN ('succeeded', 'partial', 'unchanged'))"
    return f"""
SELECT f.golden_id, ({first % "recency"}) AS recency, ({first % "frequency"}) AS frequency, COALESCE((
        SELECT r.segment FROM (
            SELECT h.currency, SUM(h.amount) AS amount FROM contact_history h
            WHERE h.golden_id = f.golden_id AND {ordered} AND h.amount IS NOT NULL GROUP BY h.currency
        ) s JOIN segment_rule r ON r.dimension = 'value' AND (r.currency IS NULL OR r.currency = s.currency) AND {spent}
        ORDER BY r.position LIMIT 1
    ), (
        SELECT r.segment FROM segment_rule r
        WHERE r.dimension = 'value' AND r.currency IS NULL AND r.amount_from IS NULL AND r.amount_below IS NULL
        ORDER BY r.position LIMIT 1
    )) AS value, ({first % "lifecycle"}) AS lifecycle, f.days_since_contact, f.contact_count, f.order_count
FROM (
    SELECT p.golden_id, p.contact_count,
        (SELECT COUNT(*) FROM contact_history h WHERE h.golden_id = p.golden_id AND {ordered}) AS order_count,
        {words.seconds("p.last_contact_at", last_run)} / 86400.0 AS days_since_contact
    FROM golden_profile p
) f"""
