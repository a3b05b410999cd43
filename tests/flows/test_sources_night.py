"""A night over one source of each further kind: one person, known to all of them, ends as one profile with one history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from fakes.declared import FakeKintone
from fakes.server import SimulatedTime

from connectors.warehouse.store import load_table
from flows.night import run_night
from flows.progress import Progress
from flows.project import open_project

SETTINGS = """
warehouse: sqlite:///meibo.db
training: never
sources:
  crm:
    kind: sales
    url: sqlite:///landed.db
    loader: fivetran
    streams:
      contacts: {{table: contact, preset: salesforce_contact}}
  app:
    kind: sales
    api: {{system: kintone, base_url: '{url}', token: "${{KINTONE_TOKEN}}"}}
    streams:
      contacts: {{object: records, options: {{app: 12}}, preset: kintone_customer}}
  cards:
    kind: sales
    streams:
      contacts: {{path: cards.csv, preset: sansan_card}}
      exchanges: {{path: cards.csv, preset: sansan_exchange}}
  shop:
    kind: sales
    streams:
      contacts: {{path: orders.csv, preset: base_buyer}}
      orders: {{path: orders.csv, preset: base_order}}
  line:
    kind: marketing
    streams:
      events: {{path: line.jsonl, preset: line_event}}
  members:
    kind: support
    streams:
      contacts: {{path: members.xlsx, id: 会員番号, map: {{full_name: 氏名, email: メール, phone: 電話}}}}
"""
MAIL, LINE_USER = "hanako@takashima.example", "U4af4980629"


@pytest.fixture
def kintone() -> Iterator[FakeKintone]:
    """An app with the person, who wrote by LINE."""
    fake = FakeKintone(SimulatedTime())
    fake.put(1, {"担当者名": "髙橋 花子", "メールアドレス": MAIL, "会社名": "㈱髙島商会", "LINEユーザーID": LINE_USER})
    fake.put(
        2,
        {"担当者名": "鈴木 一郎", "メールアドレス": "ichiro@suzuki.example", "会社名": "㈲鈴木", "LINEユーザーID": ""},
    )
    yield fake
    fake.close()


def write(folder: Path) -> None:
    """Write the files and the table, each in the form that its system has."""
    cards = "名刺ID,会社名,姓,名,e-mail,携帯電話,名刺交換日\r\n7,㈱髙島商会,髙橋,花子,{},090-1111-2222,2026/04/01\r\n"
    (folder / "cards.csv").write_bytes(cards.format(MAIL).encode("cp932"))
    order = "BX1,2026-05-01 10:00:00,高橋,花子,{},{},2200\r\n"
    lines = "注文ID,注文日時,氏(請求先),名(請求先),メールアドレス(請求先),商品名,合計金額\r\n"
    orders = lines + order.format(MAIL, "マグカップ") + order.format(MAIL, "小皿")
    (folder / "orders.csv").write_bytes(orders.encode("cp932"))
    event = '{"events":[{"type":"message","webhookEventId":"01A","timestamp":1780000000000,"source":{"userId":"%s"}}]}'
    (folder / "line.jsonl").write_text(event % LINE_USER, "utf-8")
    book = openpyxl.Workbook()
    book.active.append(("会員番号", "氏名", "メール", "電話"))
    book.active.append((501, "高橋花子", MAIL, 9011112222))
    book.active["D2"].number_format = "00000000000"
    book.save(folder / "members.xlsx")
    engine = sa.create_engine(f"sqlite:///{folder}/landed.db")
    with engine.begin() as conn:
        conn.execute(
            sa.text(
                "CREATE TABLE contact (id, last_name, first_name, email, is_deleted, _fivetran_synced, _fivetran_deleted)"
            )
        )
        row = {"mail": MAIL}
        conn.execute(
            sa.text("INSERT INTO contact VALUES ('0031', '髙橋', '花子', :mail, 0, '2026-06-01 00:00:00', 0)"), row
        )
    engine.dispose()


def night(config: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a night without Prefect; return its facts and tables."""
    project = open_project(config, create=True)
    facts = run_night(project, Progress(quiet=True))
    with project.reading() as conn:
        tables = {name: load_table(conn, name) for name in ("golden_profile", "profile_link", "contact_history")}
    project.engine.dispose()
    return facts, tables


def test_one_person_in_six_systems_is_one_customer(
    kintone: FakeKintone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five records are one profile; card, order and message are its history, each once; a second night changes nothing."""
    monkeypatch.setenv("KINTONE_TOKEN", "secret-of-the-api")
    write(tmp_path)
    (tmp_path / "meibo.yaml").write_text(SETTINGS.format(url=kintone.url), "utf-8")
    facts, tables = night(tmp_path / "meibo.yaml")
    assert facts["failures"] == []
    profiles = tables["golden_profile"].set_index("primary_email")
    assert profiles.loc[MAIL, "record_count"] == 5
    assert profiles.loc[MAIL, "primary_phone"] == "+819011112222"
    assert len(profiles) == 2
    history = tables["contact_history"]
    assert sorted(history["type"]) == ["card_exchanged", "message", "order"]
    assert set(history["golden_id"]) == {profiles.loc[MAIL, "golden_id"]}
    assert history.set_index("type").loc["order", "amount"] == 2200
    again, _ = night(tmp_path / "meibo.yaml")
    assert again["status"] == "unchanged"
    assert "secret-of-the-api" not in (tmp_path / "meibo.db").read_bytes().decode("latin-1")
