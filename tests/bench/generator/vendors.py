"""Records in the shapes that three vendors export: Salesforce Contact, HubSpot contact, Zendesk user."""

import numpy as np

from generator.draw import Bools, Draw, Ints, Texts, missing, texts
from generator.observe import Records

Columns = dict[str, Texts]
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_STAGES = ("subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer")


def salesforce_id(prefix: str, number: int) -> str:
    """Return an 18-character id: 15 case-sensitive characters and 3 that check their case."""
    digits = ""
    for _ in range(8):
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    body = f"{prefix}5g00{digits}"
    checks = (sum(body[5 * i + j].isupper() << j for j in range(5)) for i in range(3))
    return body + "".join(_CHECK[check] for check in checks)


def give_ids(records: Records, first: int) -> Texts:
    """Return the id of every record in its source: rising with the day of creation, from `first` on."""
    out = missing(len(records))
    for source in range(3):
        rows = np.flatnonzero(records.source == source)
        rows = rows[np.lexsort((rows, records.created[rows]))]
        numbers = first + np.arange(len(rows))
        if source == 0:
            out[rows] = [salesforce_id("003", int(number)) for number in numbers]
        elif source == 1:
            out[rows] = [str(int(number) * 3 + 101) for number in numbers]
        else:
            out[rows] = [str(int(number) * 17 + 1_500_000_000_101) for number in numbers]
    return out


def stamps(when: np.ndarray, fraction: str = "") -> Texts:
    """Return times as ISO text in UTC, with a fraction of a second where the vendor writes one."""
    return texts([f"{text}{fraction}Z" for text in when.astype("datetime64[s]").astype(str)])


def _joined(first: Texts, second: Texts, gap: str) -> Texts:
    """Return two columns in one; None where both are missing."""
    pairs = zip(first, second, strict=True)
    return texts([gap.join(part for part in pair if part) or None for pair in pairs])


def sales_contacts(records: Records, ids: Texts) -> Columns:
    """Return the sales records as a Salesforce Contact export (Bulk API names, parent fields flattened)."""
    at = np.flatnonzero(records.source == 0)
    text = {name: column[at] for name, column in records.text.items()}
    updated = stamps(records.updated[at], ".000")
    return {
        "Id": ids[at], "Account.Name": text["company"], "LastName": text["family"], "FirstName": text["given"],
        "MiddleName": text["middle"], "Suffix": text["suffix"],
        "LastNameLocal": text["family_kana"], "FirstNameLocal": text["given_kana"],
        "Email": text["email"], "HasOptedOutOfEmail": text["opt_out"], "Phone": text["phone"], "MobilePhone": text["mobile"],
        "Title": text["title"], "Department": text["department"], "Birthdate": text["birth_date"],
        "MailingPostalCode": text["postal"], "MailingState": text["region"], "MailingCity": text["city"],
        "MailingStreet": _joined(text["street"], text["building"], " "), "MailingCountry": text["country"],
        "CreatedDate": stamps(records.created[at], ".000"), "LastModifiedDate": updated, "SystemModstamp": updated,
        "IsDeleted": texts(["false"] * len(at)), "MasterRecordId": missing(len(at)),
    }  # fmt: skip


def marketing_contacts(draw: Draw, records: Records, ids: Texts) -> Columns:
    """Return the marketing records as HubSpot contact properties."""
    at = np.flatnonzero(records.source == 1)
    text = {name: column[at] for name, column in records.text.items()}
    return {
        "id": ids[at], "email": text["email"], "hs_additional_emails": text["more_emails"],
        "firstname": text["given"], "lastname": text["family"], "phone": text["phone"], "mobilephone": text["mobile"],
        "company": text["company"], "jobtitle": text["title"], "address": _joined(text["street"], text["building"], " "),
        "city": text["city"], "state": text["region"], "zip": text["postal"], "country": text["country"],
        "date_of_birth": text["birth_date"], "gender": text["gender"], "hs_language": text["language"],
        "lifecyclestage": draw.of(_STAGES, len(at)), "hs_email_optout": text["opt_out"],
        "createdate": stamps(records.created[at], ".000"), "lastmodifieddate": stamps(records.updated[at], ".000"),
        "archived": texts(["false"] * len(at)), "hs_merged_object_ids": missing(len(at)),
    }  # fmt: skip


def support_users(draw: Draw, records: Records, ids: Texts) -> Columns:
    """Return the support records as Zendesk users: one name field, one number."""
    at = np.flatnonzero(records.source == 2)
    text = {name: column[at] for name, column in records.text.items()}
    mobile_first = draw.chance(0.6, len(at)) & (text["mobile"] != np.array(None)) | (text["phone"] == np.array(None))
    return {
        "id": ids[at], "name": _full_names(draw, text), "email": text["email"],
        "phone": np.where(mobile_first, text["mobile"], text["phone"]), "organization": text["company"],
        "role": texts(["end-user"] * len(at)), "active": texts(["true"] * len(at)), "locale": text["language"],
        "created_at": stamps(records.created[at]), "updated_at": stamps(records.updated[at]),
    }  # fmt: skip


def _full_names(draw: Draw, text: Columns) -> Texts:
    """Return whole names in one field: 山田太郎, 山田　太郎, Taro Yamada, Yamada, Taro."""
    n = len(text["family"])
    style = draw.unit(n)
    out = missing(n)
    for i in range(n):
        family, given = text["family"][i], text["given"][i]
        if not (family and given):
            out[i] = family or given
        elif not family.isascii() and text["language"][i] == "ja":
            out[i] = family + ("" if style[i] < 0.45 else " " if style[i] < 0.85 else "　") + given
        elif style[i] < 0.06:
            out[i] = f"{family}, {given}"
        elif style[i] < 0.2 and text["language"][i] == "ja":
            out[i] = f"{family} {given}"
        else:
            middle, suffix = text["middle"][i], text["suffix"][i]
            out[i] = " ".join(part for part in (given, middle, family, suffix) if part)
    return out


def rows_of(columns: Columns, mask: Bools | Ints) -> Columns:
    """Return some rows of a table."""
    return {name: column[mask] for name, column in columns.items()}
