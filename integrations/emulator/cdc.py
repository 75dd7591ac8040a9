"""Change data capture: what changed since a moment, removed transactions last (facts 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.emulator import faults
from integrations.emulator.clock import metadata_time, parse_time
from integrations.emulator.entities.registry import EMPTY, KINDS
from integrations.emulator.jsontext import dumps
from integrations.emulator.query import as_sent

if TYPE_CHECKING:
    from integrations.emulator.books import Books

DAY = 86400
NO_END = 10**9
# facts 2.7: among what is always empty here. TimeActivity came to be supported.
UNSUPPORTED = frozenset({"journalcode", "taxagency"})


def answer(books: Books, entities: str, changed_since: str) -> str:
    """The text of the CDCResponse list, one block per entity asked for.

    The cap counts all entities together: "per response" by the documentation (facts 7.2), which
    does not tell what becomes of the rest.
    """
    since = _moment(books, changed_since)
    cap = int(books.switches["cdc_cap"])
    room = cap if books.switches["cdc_over_cap"] == "cut" else NO_END
    blocks, counted = [], 0
    for name in filter(None, (part.strip() for part in entities.split(","))):
        block, used = _block(books, name, since, room)
        room -= 0 if books.switches["cdc_cap_per_entity"] else used
        counted = used if books.switches["cdc_cap_per_entity"] else counted + used
        if books.switches["cdc_over_cap"] == "refused" and counted > cap:
            raise faults.unsupported(f"cdc of more than {cap} objects")
        blocks.append(block)
    return f'[{{"QueryResponse":[{",".join(blocks)}]}}]'


def _moment(books: Books, text: str) -> float:
    try:
        since = parse_time(text)
    except ValueError as error:
        raise faults.query_invalid(f"changedSince {text} is not a date") from error
    oldest = books.clock.seconds() - int(books.switches["cdc_days"]) * DAY
    if since < oldest and books.switches["cdc_too_old"] != "answered":
        refused = faults.unsupported(
            f"cdc with changedSince date {text} which is older than fixed days"
        )
        refused.code = books.switches["cdc_too_old"]
        raise refused
    return since


def _block(books: Books, name: str, since: float, room: int) -> tuple[str, int]:
    if name.lower() in EMPTY - UNSUPPORTED:
        return "{}", 0
    kind = KINDS.get(name.lower())
    if kind is None or not kind.cdc:
        raise faults.unsupported(f"cdc for {name}")
    compare = ">=" if books.switches["cdc_inclusive"] else ">"
    if books.switches["cdc_inclusive"]:
        since = int(since)
    where = f"realm=? and entity=? and updated {compare} ?"
    rows = books.store.rows(
        f"select body from record where {where} order by updated, seq limit ?",  # noqa: S608
        (books.realm, kind.name, since, room),
    )
    texts = as_sent(books, kind, [row["body"] for row in rows])
    gone = books.store.rows(
        f"select id, updated from tombstone where {where} order by updated, id limit ?",  # noqa: S608
        (books.realm, kind.name, since, room - len(texts)),
    )
    # shape 12: a stub has its LastUpdatedTime and nothing else.
    stubs = [
        dumps(
            {
                "domain": "QBO",
                "status": "Deleted",
                "Id": row["id"],
                "MetaData": {"LastUpdatedTime": metadata_time(row["updated"])},
            }
        )
        for row in gone
    ]
    count = len(texts) + len(stubs)
    if not count:
        return "{}", 0
    start = '"startPosition":1,' if texts else ""
    total = f',"totalCount":{count}' if kind.total_count or stubs else ""
    return (
        f'{{"{kind.name}":[{",".join(texts + stubs)}],{start}"maxResults":{count}{total}}}',
        count,
    )
