"""Files in an S3 store, against a local server that speaks its protocol: globs, changes, formats, credentials, failures."""

import gzip
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.files.file_source import FileSource
from connectors.sources.source import Cursor, Page
from resolve.errors import SourceError

pytest.importorskip("s3fs", reason="the extra for S3 is not installed")
server = pytest.importorskip("moto.server", reason="the S3 server of the test group is not installed")
boto3 = pytest.importorskip("boto3")

HEADER = "顧客ID,氏名,メール\n"
KEYS = {"access_key": "test-access-key", "secret_key": "test-secret-key"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Yield the address of a store; no credential of this machine is used."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        running.start()
        yield f"http://127.0.0.1:{running.get_host_and_port()[1]}"
        running.stop()


@pytest.fixture
def bucket(url: str, request: pytest.FixtureRequest) -> Any:
    """A new bucket, as the vendor's own client sees it."""
    client = boto3.resource(
        "s3", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"], aws_secret_access_key=KEYS["secret_key"],
    )  # fmt: skip
    return client.create_bucket(Bucket=f"crm-{abs(hash(request.node.name)) % 10**9}")


def source(url: str, path: str, *, page_rows: int = 5_000, storage: Any = None, **rules: Any) -> FileSource:
    """Return a source with one stream `contacts`."""
    settings = SourceSettings.model_validate(
        {
            "kind": "sales",
            "storage": {"endpoint_url": url, "region": "us-east-1", **(KEYS if storage is None else storage)},
            "streams": {"contacts": {"path": path, "id": "顧客ID", "map": {"full_name": "氏名"}} | rules},
        }
    )
    return FileSource("crm", settings, Path("/nowhere"), page_rows=page_rows)


def read(reader: FileSource, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages since a cursor that went through JSON."""
    return list(reader.read("contacts", json.loads(json.dumps(cursor))))


def names(pages: list[Page]) -> list[Any]:
    """Return the names of all rows."""
    return [raw.payload["氏名"] for page in pages for raw in page.rows]


def put(bucket: Any, key: str, text: str, encoding: str = "cp932") -> None:
    """Write an object."""
    bucket.put_object(Key=key, Body=text.encode(encoding))


def test_the_first_read_and_the_next_ones(url: str, bucket: Any) -> None:
    """Of a glob new and changed objects are read, unchanged ones are not fetched, re-sent bytes bring nothing."""
    put(bucket, "in/a.csv", HEADER + "1,髙橋㈱,a@x.jp\n")
    put(bucket, "in/b.csv", HEADER + "2,佐藤,b@x.jp\n")
    put(bucket, "in/skipped.txt", "x")
    put(bucket, "in/deep/c.csv", HEADER + "3,鈴木,c@x.jp\n")
    path = f"s3://{bucket.name}/in/*.csv"
    reader = source(url, path)
    first = read(reader)
    assert names(first) == ["髙橋㈱", "佐藤"]
    assert read(reader, first[-1].cursor) == []
    put(bucket, "in/b.csv", HEADER + "2,佐藤,changed@x.jp\n")
    put(bucket, "in/d.csv", HEADER + "4,田中,d@x.jp\n")
    second = read(reader, first[-1].cursor)
    assert names(second) == ["佐藤", "田中"]
    assert second[0].rows[0].payload["メール"] == "changed@x.jp"
    put(bucket, "in/d.csv", HEADER + "4,田中,d@x.jp\n")  # sent again, the same bytes
    assert names(read(reader, second[-1].cursor)) == []
    assert names(read(source(url, f"s3://{bucket.name}/in/**/*.csv"))) == ["髙橋㈱", "佐藤", "田中", "鈴木"]


def test_a_walk_resumes_after_any_page(url: str, bucket: Any) -> None:
    """The cursor of a page goes on in the middle of an object, in a new process as it were."""
    put(bucket, "a.csv", HEADER + "".join(f"{n},山田{n},a\n" for n in range(10)))
    path = f"s3://{bucket.name}/a.csv"
    reader = source(url, path, page_rows=3)
    for stop in range(4):
        before = read(reader)[: stop + 1]
        after = read(reader, before[-1].cursor)
        assert names(before) + names(after) == [f"山田{n}" for n in range(10)]


def test_an_object_that_changes_while_it_is_read_is_read_as_it_was(url: str, bucket: Any) -> None:
    """The pages of one walk are of one version; the next run reads the other."""
    put(bucket, "a.csv", HEADER + "".join(f"{n},山田,old\n" for n in range(6)))
    path = f"s3://{bucket.name}/a.csv"
    reader = source(url, path, page_rows=2)
    walk = reader.read("contacts", None)
    pages = [next(walk)]
    put(bucket, "a.csv", HEADER + "".join(f"{n},山田,new\n" for n in range(6)))
    pages += walk
    assert {raw.payload["メール"] for page in pages for raw in page.rows} == {"old"}
    again = read(reader, pages[-1].cursor)
    assert {raw.payload["メール"] for page in again for raw in page.rows} == {"new"}


def test_formats_that_seek_and_packed_files_are_read(url: str, bucket: Any) -> None:
    """Parquet, gzip and JSON lines come through as they do from a folder."""
    row = {"顧客ID": "1", "氏名": "山田", "メール": None}
    parquet = io.BytesIO()
    pd.DataFrame([row], dtype=object).astype("string").to_parquet(parquet)
    bodies = {
        "a.parquet": parquet.getvalue(),
        "a.csv.gz": gzip.compress((HEADER + "1,山田,\n").encode("euc_jp")),
        "a.jsonl": json.dumps(row).encode(),
    }
    for key, body in bodies.items():
        bucket.put_object(Key=key, Body=body)
    pages = read(source(url, f"s3://{bucket.name}/a.*"))
    assert [raw.payload for page in pages for raw in page.rows] == [row] * 3


def test_check_names_columns_size_and_files(url: str, bucket: Any) -> None:
    """Without reading rows; of many objects only the last few are fetched."""
    for number in range(5):
        put(bucket, f"2026-0{number + 1}.csv", HEADER)
    check = source(url, f"s3://{bucket.name}/*.csv").check("contacts")
    assert check.unmapped == ("メール",)
    assert check.notes == ("5 files, 95 bytes", "columns are those of the last 3 files")


def test_what_is_wrong_is_said_without_a_secret(url: str, bucket: Any) -> None:
    """No object, no bucket, no credentials, no server: each with what to do."""
    put(bucket, "in/other.csv", HEADER)
    cases = [
        (source(url, f"s3://{bucket.name}/in/a*.csv"), r"no file s3://.*in holds: other.csv"),
        (source(url, "s3://nowhere/a.csv"), "no file s3://nowhere/a.csv"),
        (source(url, f"s3://{bucket.name}/in/*.csv", storage={}), "no credentials.*AWS_ACCESS_KEY_ID"),
    ]
    for reader, said in cases:
        with pytest.raises(SourceError, match=said) as caught:
            read(reader)
        assert KEYS["secret_key"] not in str(caught.value)


def test_a_store_that_cannot_be_reached_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is marked as passing, so that the run's own retry applies."""
    reader = source("http://127.0.0.1:9", "s3://crm/a.csv")
    monkeypatch.setattr("connectors.sources.files.s3.ATTEMPTS", 1)
    with pytest.raises(SourceError, match="cannot be listed") as caught:
        read(reader)
    assert caught.value.is_transient


def test_keys_of_the_environment_are_used(url: str, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys in the settings."""
    put(bucket, "a.csv", HEADER + "1,山田,a\n")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert names(read(source(url, f"s3://{bucket.name}/a.csv", storage={}))) == ["山田"]


MISTAKES = [
    ({"path": "gs://bucket/a.csv"}, {}, "should be a local path, or s3://bucket/key"),
    ({"path": "s3://bucket"}, {}, "should be a local path, or s3://bucket/key"),
    ({"path": "s3://b*/a.csv"}, {}, "should be a local path, or s3://bucket/key"),
    ({"path": "s3://b/a.csv"}, {"access_key": "a"}, "access_key and secret_key together"),
    ({"path": "s3://b/a.csv"}, {"endpoint_url": "http://example.com"}, "should be an https:// address"),
    ({"path": "s3://b/a.csv"}, {"anonymous": True, **KEYS}, "takes no keys"),
]


@pytest.mark.parametrize(("rules", "storage", "said"), MISTAKES)
def test_settings_of_a_store_are_checked(rules: Any, storage: Any, said: str) -> None:
    """Before anything is asked."""
    stream = {"id": "i", "map": {"full_name": "n"}} | rules
    with pytest.raises(ValueError, match=said):
        SourceSettings.model_validate({"kind": "sales", "storage": storage, "streams": {"contacts": stream}})


def test_keys_of_a_store_are_not_shown() -> None:
    """Settings that are printed mask them."""
    text = (
        "sources:\n  crm:\n    kind: sales\n    storage: {access_key: planted-a, secret_key: planted-b}\n"
        "    streams: {contacts: {path: 's3://b/a.csv', preset: sansan_card}}\n"
    )
    settings = parse_settings(text, "meibo.yaml", Path("/nowhere"), {})
    assert "planted" not in str(settings.shown()) + repr(settings)
