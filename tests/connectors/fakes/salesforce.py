"""A Salesforce org: SOQL of the kind that the source sends, Bulk query jobs, the delete log, merges and the recycle bin."""

import base64
import csv
import io
import re
from typing import Any, ClassVar

from fakes.server import FakeServer, Reply, Request, SimulatedTime

FIELDS = {
    "Contact": {
        "Id": "id", "AccountId": "reference", "LastName": "string", "FirstName": "string", "Name": "string",
        "MiddleName": "string", "Suffix": "string", "LastNameLocal": "string", "FirstNameLocal": "string",
        "Email": "email", "HasOptedOutOfEmail": "boolean", "Phone": "phone", "MobilePhone": "phone", "Title": "string",
        "Department": "string", "Birthdate": "date", "MailingAddress": "address", "MailingStreet": "textarea",
        "MailingCity": "string", "MailingState": "string", "MailingPostalCode": "string", "MailingCountry": "string",
        "Rating__c": "double", "CreatedDate": "datetime", "LastModifiedDate": "datetime", "SystemModstamp": "datetime",
        "IsDeleted": "boolean", "MasterRecordId": "reference",
    },
    "Lead": {
        "Id": "id", "LastName": "string", "FirstName": "string", "Company": "string", "Email": "email", "Phone": "phone",
        "IsConverted": "boolean", "ConvertedContactId": "reference", "CreatedDate": "datetime", "IsDeleted": "boolean",
        "LastModifiedDate": "datetime", "SystemModstamp": "datetime", "MasterRecordId": "reference",
    },
    "Task": {
        "Id": "id", "WhoId": "reference", "Subject": "combobox", "Status": "picklist", "TaskSubtype": "picklist",
        "CallType": "picklist", "CallDurationInSeconds": "int", "CallDisposition": "string", "ActivityDate": "date",
        "CompletedDateTime": "datetime", "CreatedDate": "datetime", "SystemModstamp": "datetime", "IsDeleted": "boolean",
    },
    "Case": {
        "Id": "id", "ContactId": "reference", "Subject": "string", "Status": "picklist", "Origin": "picklist",
        "IsClosed": "boolean", "CreatedDate": "datetime", "ClosedDate": "datetime", "SystemModstamp": "datetime",
        "IsDeleted": "boolean",
    },
}  # fmt: skip
_QUERY = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY (.+))?$")
_STAMP = re.compile(r"SystemModstamp (>=|<|>|=) (\S+?Z)")


class FakeSalesforce(FakeServer):
    """Objects by id; `page_rows` is how many rows a page has, `polls` how often a job is asked before it is ready."""

    version = "68.0"
    limits: ClassVar = {"GET|POST": (10**9, 1.0)}

    def __init__(self, time_: SimulatedTime) -> None:
        super().__init__(time_)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in FIELDS}
        self.purged: dict[str, list[tuple[str, str]]] = {name: [] for name in FIELDS}
        self.tokens: set[str] = set()
        self.secrets = ("client-id", "client-secret")
        self.hidden: set[str] = set()  # objects that the account may not see
        self.page_rows = 2_000
        self.polls = 1
        self.jobs: dict[str, dict[str, Any]] = {}
        self.locators: dict[str, tuple[str, list[str], list[str]]] = {}

    # what happens in the org

    def put(self, object_: str, row: dict[str, Any]) -> None:
        """Create or change a row."""
        old = self.rows[object_].get(row["Id"], {"CreatedDate": self.time.stamp()})
        stamps = {"SystemModstamp": self.time.stamp(), "LastModifiedDate": self.time.stamp()}
        self.rows[object_][row["Id"]] = {"IsDeleted": False} | old | stamps | row

    def delete(self, object_: str, row_id: str, winner: str | None = None) -> None:
        """Put a row into the recycle bin, as a deletion or as the loser of a merge."""
        self.put(object_, {"Id": row_id, "IsDeleted": True, "MasterRecordId": winner})
        self.purged[object_].append((row_id, self.time.stamp()))

    def purge(self, object_: str, row_id: str) -> None:
        """Remove a row for good."""
        self.purged[object_].append((row_id, self.time.stamp()))
        del self.rows[object_][row_id]

    def expire(self) -> None:
        """End every session."""
        self.tokens.clear()

    # what the API answers

    def route(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            return self._token(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        base = f"/services/data/v{self.version}"
        path = request.path.removeprefix(base)
        if path == request.path:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        reply = self._data(request, path)
        reply.headers["Sforce-Limit-Info"] = f"api-usage={len(self.requests)}/100000"
        return reply

    def _token(self, request: Request) -> Reply:
        form = request.form
        basic = request.headers.get("Authorization", "").removeprefix("Basic ")  # the other place for the credentials
        if basic != _basic(self.secrets) and (form.get("client_id"), form.get("client_secret")) != self.secrets:
            return Reply({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        token = f"token-{len(self.requests)}-of-salesforce"
        self.tokens.add(token)
        return Reply(
            {"access_token": token, "instance_url": self.url, "token_type": "Bearer", "issued_at": "1793588400000"}
        )

    def _data(self, request: Request, path: str) -> Reply:
        parts = path.strip("/").split("/")
        if parts[0] in ("query", "queryAll"):
            return self._more(parts[1]) if len(parts) > 1 else self._query(request, all_=parts[0] == "queryAll")
        if parts[:2] == ["jobs", "query"]:
            return self._job(request, parts[2:])
        if parts[0] == "sobjects" and parts[1] in FIELDS.keys() - self.hidden:
            return self._describe(parts[1]) if parts[2] == "describe" else self._deleted(request, parts[1])
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _describe(self, object_: str) -> Reply:
        fields = [{"name": n, "type": t, "relationshipName": None} for n, t in FIELDS[object_].items()]
        for field in fields:
            if field["name"] == "AccountId":
                field["relationshipName"] = "Account"
        return Reply({"name": object_, "replicateable": True, "fields": fields})

    def _select(self, soql: str, *, all_: bool) -> tuple[list[str], str, list[str]]:
        """Return the fields, the object and the ids of a query's rows."""
        match = _QUERY.match(soql)
        assert match, soql
        fields, object_, where, order = match.groups()
        code = _STAMP.sub(r"row['SystemModstamp'] \1 '\2'", where or "True")
        code = re.sub(r"\bId (>|IN) ", lambda found: f"row['Id'] {found[1].lower()} ", code)
        code = re.sub(r" = '", " == '", code).replace(" AND ", " and ").replace(" OR ", " or ")
        rows = [row for row in self.rows[object_].values() if (all_ or not row["IsDeleted"])]
        test = compile(code, "where", "eval")
        rows = [row for row in rows if eval(test, {"row": row})]
        if order:
            rows.sort(key=lambda row: tuple(row[name] for name in order.split(", ")))
        return fields.split(", "), object_, [row["Id"] for row in rows]

    def _query(self, request: Request, *, all_: bool) -> Reply:
        fields, object_, ids = self._select(request.query["q"], all_=all_)
        if fields == ["COUNT()"]:
            return Reply({"totalSize": len(ids), "done": True, "records": []})
        unknown = [name for name in fields if "." not in name and FIELDS[object_].get(name, "address") == "address"]
        if unknown:
            return _error(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on entity '{object_}'")
        locator = f"01g{len(self.locators):04}"
        self.locators[locator] = object_, fields, ids
        return self._page(locator, 0)

    def _more(self, name: str) -> Reply:
        locator, _, offset = name.rpartition("-")
        if locator not in self.locators:
            return _error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(locator, int(offset))

    def _page(self, locator: str, offset: int) -> Reply:
        object_, fields, ids = self.locators[locator]
        end = offset + self.page_rows
        there = [self.rows[object_][i] for i in ids[offset:end] if i in self.rows[object_]]
        data: dict[str, Any] = {"totalSize": len(ids), "done": end >= len(ids)}
        data["records"] = [_record(object_, row, fields) for row in there]
        if end < len(ids):
            data["nextRecordsUrl"] = f"/services/data/v{self.version}/query/{locator}-{end}"
        return Reply(data)

    def _job(self, request: Request, parts: list[str]) -> Reply:
        if request.method == "POST":
            name = f"750{len(self.jobs):04}AAA"
            fields, object_, ids = self._select(request.json["query"], all_=request.json["operation"] == "queryAll")
            rows = [_csv_row(self.rows[object_][i], fields) for i in ids]
            self.jobs[name] = {"fields": fields, "rows": rows, "polls": self.polls, "state": "JobComplete"}
            return Reply({"id": name, "state": "UploadComplete", "apiVersion": 68.0})
        job = self.jobs.get(parts[0])
        if job is None:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if request.method == "DELETE":
            del self.jobs[parts[0]]
            return Reply(status=204, body=b"")
        if len(parts) > 1:
            return self._results(request, job)
        job["polls"] -= 1
        state = "InProgress" if job["polls"] >= 0 else job["state"]
        return Reply({"id": parts[0], "state": state, "errorMessage": job.get("error")})

    def _results(self, request: Request, job: dict[str, Any]) -> Reply:
        start = int(base64.b64decode(request.query.get("locator", "")) or 0)
        end = start + min(int(request.query["maxRecords"]), self.page_rows)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(job["fields"])
        writer.writerows(job["rows"][start:end])
        is_last = end >= len(job["rows"])
        headers = {"Sforce-NumberOfRecords": str(len(job["rows"][start:end])), "Content-Type": "text/csv"}
        headers["Sforce-Locator"] = "null" if is_last else base64.b64encode(str(end).encode()).decode()
        return Reply(body=out.getvalue().encode(), headers=headers)

    def _deleted(self, request: Request, object_: str) -> Reply:
        start, end = (request.query[name].replace("+00:00", "Z") for name in ("start", "end"))
        found = [{"id": i, "deletedDate": at} for i, at in self.purged[object_] if start <= at <= end]
        covered = {
            "earliestDateAvailable": "2000-01-01T00:00:00.000+0000",
            "latestDateCovered": end.replace("Z", "+0000"),
        }
        return Reply({"deletedRecords": found} | covered)


def _basic(pair: tuple[str, str]) -> str:
    """Return a name and a secret as Basic puts them."""
    return base64.b64encode(":".join(pair).encode()).decode()


def _error(status: int, code: str, message: str) -> Reply:
    """Return an error as Salesforce words it: a list."""
    return Reply([{"errorCode": code, "message": message}], status)


def _record(object_: str, row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    """Return a row as REST gives it."""
    record: dict[str, Any] = {
        "attributes": {"type": object_, "url": f"/services/data/v68.0/sobjects/{object_}/{row['Id']}"}
    }
    for name in fields:
        parent, _, field = name.partition(".")
        if field:
            about = row.get(parent)
            record[parent] = None if about is None else {"attributes": {"type": parent}, field: about.get(field)}
        else:
            value = row.get(name)
            is_time = FIELDS[object_][name] == "datetime" and value is not None
            record[name] = value.replace("Z", "+0000") if is_time else value
    return record


def _csv_row(row: dict[str, Any], fields: list[str]) -> list[str]:
    """Return a row as Bulk gives it: all text."""
    cells = []
    for name in fields:
        parent, _, field = name.partition(".")
        value = (row.get(parent) or {}).get(field) if field else row.get(name)
        cells.append("" if value is None else str(value).lower() if isinstance(value, bool) else str(value))
    return cells
