"""The views that readers of the warehouse see: contact history, experience, and tables in the names of other tools."""

from resolve.schema.table import Table, columns_of

_ANSWERS = """
metric text! csat, nps or ces
scale_min float smallest value of the scale
scale_max float largest value of the scale
response_count int! answers
score_mean float! mean of the answers on their scale
csat_percent float answers in the top quarter of the scale (4 and 5 of 1 to 5), per cent; csat only
promoter_count int answers of 9 and 10; nps on its scale of 0 to 10 only
detractor_count int answers of 0 to 6; nps on its scale of 0 to 10 only
nps float promoters less detractors, per cent of the answers; nps on its scale of 0 to 10 only
ces_mean float mean of the answers on their scale; ces only
"""

_LIST = [
    Table(
        "customer_timeline",
        ("touchpoint_id",),
        "Every contact with a customer, told once: events that several systems logged are one row.",
        columns_of(
            """
golden_id text! customer today
occurred_at time! when it happened
touchpoint_id text! the row of contact_history that counts
channel text! channel
direction text inbound, outbound or internal
type text! what happened
subject text subject
outcome text outcome or status
metric text csat, nps or ces
score float survey score on its own scale
scale_min float smallest value of the scale
scale_max float largest value of the scale
amount float amount of money
currency text ISO 4217
duration_seconds float length, seconds
journey_stage text stage that the source names
source text! system whose row counts
logged_count int! systems that logged it
"""
        ),
    ),
    Table(
        "customer_journey",
        ("golden_id", "step"),
        "The journey of each customer: contacts of one stage in a row are one step. A stage that no source names is "
        "told by the type: orders are purchase, tickets support, survey answers use; forms, calls, meetings and "
        "messages consideration before the first order and use after it; the rest awareness. Quick for one customer "
        "(WHERE golden_id = …); a join computes every journey: for several, copy the view into a table first.",
        columns_of(
            """
golden_id text! customer today
step int! 1, 2, 3, … in time
stage text! awareness, consideration, purchase, onboarding, use, support or renewal
stage_order int! 1 for awareness to 7 for renewal
started_at time! first contact of the step
ended_at time! last contact of the step
contact_count int! contacts of the step
first_channel text! channel of its first contact
channel_changes int! contacts that came by another channel than the one before, the first of the step included
previous_stage text stage of the step before
seconds_since_previous float from the last contact of the step before to the first of this one, seconds
"""
        ),
    ),
    Table(
        "experience_daily",
        ("day", "metric", "scale_min", "scale_max"),
        "Answers to surveys by day (UTC), metric and scale; never averaged across either.",
        columns_of("day text! day, UTC, ISO date" + _ANSWERS),
    ),
    Table(
        "experience_by_channel",
        ("channel", "metric", "scale_min", "scale_max"),
        "Answers to surveys by the channel that they are about: that of the customer's last contact before the answer, "
        "or their own where there is none.",
        columns_of("channel text! channel" + _ANSWERS),
    ),
    Table(
        "customer_segment",
        ("golden_id",),
        "The segment of each customer, by the rules of model.yaml, as of the last run.",
        columns_of(
            """
golden_id text! customer
recency text by days since the last contact
frequency text by contacts
value text by money spent on orders
lifecycle text by orders and days since the last contact
days_since_contact float days from the last contact to the last run
contact_count int! contacts, duplicates left out
order_count int! orders, duplicates left out
"""
        ),
    ),
    Table(
        "unifiedindividual__dlm",
        ("ssot__id__c",),
        "Customers in the names of Salesforce Data Cloud's Unified Individual.",
        columns_of(
            """
ssot__id__c text! golden_id
ssot__firstname__c text given_name
ssot__lastname__c text family_name
ssot__personname__c text full_name
ssot__birthdate__c text birth_date
ssot__genderid__c text gender
ssot__titlename__c text job_title
ssot__createddate__c time first_seen_at
ssot__lastmodifieddate__c time! updated_at
"""
        ),
    ),
    Table(
        "individualidentitylink__dlm",
        ("ssot__datasourceid__c", "sourcerecordid__c"),
        "Source records and their customers in the names of Salesforce Data Cloud's Unified Link Individual.",
        columns_of(
            """
sourcerecordid__c text! source_id
ssot__datasourceid__c text! source
unifiedrecordid__c text! golden_id
"""
        ),
    ),
    Table(
        "id_graph",
        ("segment_id",),
        "Every ID ever published and the one it is now, in the names of Segment's Profiles Sync.",
        columns_of(
            """
segment_id text! golden_id, living or not
canonical_segment_id text the living golden_id that took over; null when retired or erased
timestamp time! since when
"""
        ),
    ),
    Table(
        "user_traits",
        ("canonical_segment_id",),
        "Customers as traits, in the names of Segment's identify call.",
        columns_of(
            """
canonical_segment_id text! golden_id
name text full_name
first_name text given_name
last_name text family_name
email text primary_email
phone text primary_phone
birthday text birth_date
gender text gender
company text organization
title text job_title
country text country_code
postal_code text postal_code
state text region
city text city
street text street
language text preferred_language
created_at time first_seen_at
"""
        ),
    ),
    Table(
        "user_identifiers",
        ("canonical_segment_id", "type", "value"),
        "Identifiers of customers that are evidence, in the names of Segment's Profiles Sync.",
        columns_of(
            """
canonical_segment_id text! golden_id
type text! email, phone, line_user_id or corporate_number
value text! as it is compared, see profile_identifier
first_seen_at time first time a source record carried it
last_seen_at time last time a source record carried it
"""
        ),
    ),
    Table(
        "meibo_resolved",
        ("source", "primary_key"),
        "Source records and their customers in the names of Hightouch's identity resolution, output prefix meibo.",
        columns_of(
            """
ht_id text! golden_id
source text! name of the source
primary_key text! source_id
latest_timestamp time! linked_at
"""
        ),
    ),
    Table(
        "meibo_resolved_identifiers",
        ("ht_id", "identifier", "value"),
        "Identifiers of customers in the names of Hightouch's identity resolution, output prefix meibo.",
        columns_of(
            """
ht_id text! golden_id
identifier text! type of the identifier
value text! as it is compared, see profile_identifier
count int! sources that carry it
"""
        ),
    ),
]

VIEWS: dict[str, Table] = {view.name: view for view in _LIST}
