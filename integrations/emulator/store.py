"""Where the emulator keeps everything: one SQLite file, or memory.

A record's body is kept as the JSON text that goes over the wire, beside the few columns that
queries filter and sort by, so that a page of a thousand is a join of strings. `number` is what a
record is looked up by besides its name: DocNumber, PaymentRefNum or Sku. Texts to compare with are
case-folded (facts 2.2: values compare without regard to case).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from integrations.emulator.jsontext import Json, dumps, loads

SCHEMA = """
create table if not exists setting (name text primary key, value text not null);
create table if not exists company (realm text primary key, options text not null);
create table if not exists sequence (
    realm text, name text, value integer not null, primary key (realm, name)) without rowid;
create table if not exists record (
    pk integer primary key, realm text not null, entity text not null, id text not null,
    seq integer not null, active integer not null, name text, email text, parent text,
    customer text, number text, txn_date text, total real, balance real,
    created integer not null, updated integer not null, body text not null);
create unique index if not exists record_id on record (realm, entity, id);
create index if not exists record_order on record (realm, entity, seq, active);
create index if not exists record_updated on record (realm, entity, updated, seq, active);
create index if not exists record_created on record (realm, entity, created, seq);
create index if not exists record_name on record (realm, entity, name, seq, active);
create index if not exists record_date on record (realm, entity, txn_date, seq);
create index if not exists record_email on record (realm, entity, email) where email is not null;
create index if not exists record_parent on record (realm, entity, parent)
    where parent is not null;
create index if not exists record_customer on record (realm, entity, customer, txn_date, seq)
    where customer is not null;
create index if not exists record_number on record (realm, entity, number)
    where number is not null;
create table if not exists tombstone (
    realm text, entity text, id text, updated integer not null,
    primary key (realm, entity, id)) without rowid;
create index if not exists tombstone_updated on tombstone (realm, entity, updated, id);
create table if not exists grant_ (
    id integer primary key, realm text not null, scope text not null, refresh_token text not null,
    refresh_since real not null, refreshed real not null, first_issued real not null,
    revoked real);
create index if not exists grant_refresh on grant_ (refresh_token);
create table if not exists old_refresh_token (
    token text primary key, grant_id integer not null, replaced real not null) without rowid;
create table if not exists access_token (
    token text primary key, grant_id integer not null, expires real not null) without rowid;
create table if not exists code (
    code text primary key, realm text not null, redirect_uri text not null, scope text not null,
    issued real not null, grant_id integer) without rowid;
create table if not exists reply (
    realm text, request_id text, fingerprint text not null, status integer not null,
    body text not null, at real not null, primary key (realm, request_id)) without rowid;
create table if not exists event (
    id integer primary key, realm text not null, entity text not null, record text not null,
    operation text not null, at real not null, data text not null, delivery integer);
create index if not exists event_waiting on event (id) where delivery is null;
create table if not exists delivery (
    id integer primary key, realm text not null, body text not null, events integer not null,
    queued real not null, attempts integer not null default 0, next_try real, status integer,
    problem text, delivered real);
create index if not exists delivery_open on delivery (id) where delivered is null;
"""
# Raised with every change of the tables: a file of an older layout starts anew.
LAYOUT = 2

TABLES = (
    "setting",
    "company",
    "sequence",
    "record",
    "tombstone",
    "grant_",
    "old_refresh_token",
    "access_token",
    "code",
    "reply",
    "event",
    "delivery",
)

NUMBERS = {"Payment": "PaymentRefNum", "Item": "Sku"}

INSERT = """insert or replace into record (pk, realm, entity, id, seq, active, name, email, parent,
    customer, number, txn_date, total, balance, created, updated, body)
    values ((select pk from record where realm=?1 and entity=?2 and id=?3),
    ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)"""

INSERT_NEW = """insert into record (realm, entity, id, seq, active, name, email, parent,
    customer, number, txn_date, total, balance, created, updated, body)
    values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"""


class Store:
    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=normal")
        self.db.execute("pragma cache_size=-65536")
        self.db.create_function("fold", 1, _fold, deterministic=True)
        if self.value("pragma user_version") != LAYOUT:
            for table in TABLES:
                self.db.execute(f"drop table if exists {table}")
            self.db.execute(f"pragma user_version={LAYOUT}")
        self.db.executescript(SCHEMA)
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        mark = f"level{self._depth}"
        self.db.execute(f"savepoint {mark}" if self._depth else "begin immediate")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self.db.execute(f"rollback to {mark}" if self._depth else "rollback")
            raise
        self._depth -= 1
        self.db.execute(f"release {mark}" if self._depth else "commit")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        return self.db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return found

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        found = self.db.execute(sql, values).fetchone()
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement; the number of rows it touched."""
        return self.db.execute(sql, values).rowcount

    def clear(self) -> None:
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"delete from {table}")  # noqa: S608

    def text(self, realm: str, entity: str, record_id: str) -> str | None:
        found: str | None = self.value(
            "select body from record where realm=? and entity=? and id=?",
            (realm, entity, record_id),
        )
        return found

    def get(self, realm: str, entity: str, record_id: str) -> Json | None:
        text = self.text(realm, entity, record_id)
        return None if text is None else loads(text)

    def put(self, realm: str, entity: str, body: Json) -> None:
        self.db.execute(INSERT, columns(realm, entity, body))

    def put_new(self, realm: str, entity: str, bodies: Iterable[Json]) -> None:
        """Insert many records whose Ids are known to be free."""
        self.db.executemany(INSERT_NEW, (columns(realm, entity, body) for body in bodies))

    def remove(self, realm: str, entity: str, record_id: str) -> None:
        self.run(
            "delete from record where realm=? and entity=? and id=?", (realm, entity, record_id)
        )

    def next_id(self, realm: str, sequence: str, count: int = 1) -> int:
        """Reserve `count` numbers and answer with the first."""
        last: int = self.value(
            "insert into sequence values (?,?,?) on conflict do update set value=value+? "
            "returning value",
            (realm, sequence, count, count),
        )
        return last - count + 1

    def reach(self, realm: str, sequence: str, number: int) -> None:
        """Let a sequence go on after `number`, unless it is further already."""
        self.run(
            "insert into sequence values (?,?,?) on conflict do update set value=max(value,?)",
            (realm, sequence, number, number),
        )

    def setting(self, name: str, default: Any = None) -> Any:
        text = self.value("select value from setting where name=?", (name,))
        return default if text is None else loads(text)

    def set_setting(self, name: str, value: Any) -> None:
        self.run("insert or replace into setting values (?,?)", (name, dumps(value)))


def _fold(text: object) -> str | None:
    return None if text is None else str(text).casefold()


@lru_cache(maxsize=4096)
def epoch(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp())


def columns(realm: str, entity: str, body: Json) -> tuple[Any, ...]:
    """What is filtered and sorted by, taken out of a body."""
    record_id = str(body.get("Id", ""))
    meta = body.get("MetaData") or {}
    updated = epoch(meta["LastUpdatedTime"]) if "LastUpdatedTime" in meta else 0
    created = epoch(meta["CreateTime"]) if "CreateTime" in meta else updated
    name = body.get("DisplayName") or body.get("Name")
    email = (body.get("PrimaryEmailAddr") or body.get("BillEmail") or {}).get("Address")
    number = body.get(NUMBERS.get(entity, "DocNumber"))
    balance = body.get("UnappliedAmt") if entity == "Payment" else body.get("Balance")
    return (
        realm,
        entity,
        record_id,
        int(record_id) if record_id.isdigit() and len(record_id) < 19 else 0,
        0 if body.get("Active") is False else 1,
        name.casefold() if name else None,
        email.casefold() if email else None,
        (body.get("ParentRef") or {}).get("value"),
        (body.get("CustomerRef") or {}).get("value"),
        str(number).casefold() if number else None,
        body.get("TxnDate"),
        body.get("TotalAmt"),
        balance,
        created,
        updated,
        dumps(body),
    )
