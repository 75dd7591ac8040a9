"""Answering queries: pages of JSON text straight from the store (facts 2.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from integrations.emulator import faults
from integrations.emulator.clock import parse_time
from integrations.emulator.entities.kind import Filter, Kind
from integrations.emulator.entities.properties import PROPERTIES
from integrations.emulator.entities.registry import EMPTY, KINDS
from integrations.emulator.jsontext import Json, dumps, loads
from integrations.emulator.query_parser import Condition, Query, parse

if TYPE_CHECKING:
    from integrations.emulator.books import Books

LARGEST_PAGE = 1000
RANGES = ("<", ">", "<=", ">=")
_NEVER_EDITED = '"SyncToken":"0"'
_TIMES = re.compile(r'("MetaData":\{"CreateTime":)("[^"]+")(,"LastUpdatedTime":)"[^"]+"')


def answer(books: Books, statement: str) -> str:
    """The text of one QueryResponse object. Raises Fault 4000 or 4001."""
    query = parse(statement)
    if query.entity.lower() in EMPTY:
        return '{"totalCount":0}' if query.count else "{}"
    kind = KINDS.get(query.entity.lower())
    if kind is None:
        raise faults.query_invalid(f"invalid context declaration: {query.entity}")
    _check_positions(books, query)
    where, values = _where(books, kind, query)
    if query.count:
        total = books.store.value(f"select count(*) from record where {where}", values)  # noqa: S608
        return f'{{"totalCount":{total}}}'
    # The page is found in an index alone; only its own bodies are read.
    rows = books.store.db.execute(
        f"select body from (select pk as place from record where {where} "  # noqa: S608
        f"order by {_order(kind, query)} limit ? offset ?) cross join record on pk = place",
        (*values, min(query.maximum, LARGEST_PAGE), max(query.start, 1) - 1),
    ).fetchall()
    if not rows:
        return "{}"  # shape 1: no array and no counters
    texts = as_sent(books, kind, [row[0] for row in rows])
    if books.switches["old_query_times"]:
        texts = [_as_made(text) for text in texts]
    if query.columns and "*" not in query.columns:
        texts = [_projected(text, kind, query) for text in texts]
    elif missing := _missing_in_star(books, kind, query):
        texts = [_without(text, missing) for text in texts]
    total = f',"totalCount":{len(texts)}' if kind.total_count else ""
    return (
        f'{{"{kind.name}":[{",".join(texts)}],"startPosition":{max(query.start, 1)},'
        f'"maxResults":{len(texts)}{total}}}'
    )


def as_sent(books: Books, kind: Kind, texts: list[str]) -> list[str]:
    """The rows of one answer, unless a switch has one of them spoil it. Raises Fault 4002."""
    if kind.name == "Invoice" and books.switches["bad_email_breaks_query"]:
        _refuse_bad_emails(books, texts)
    broken = str(books.switches["unescaped_text"])
    return [text.replace(broken, f"{broken}\n") for text in texts] if broken else texts


def _refuse_bad_emails(books: Books, texts: list[str]) -> None:
    """shape 8: one invoice with several addresses fails everything it comes with."""
    for text in texts:
        if re.search(r'"BillEmail":\{"Address":"[^"]*[,;]', text):
            raise faults.query_bad_email(int(books.switches["bad_email_status"]))


def _check_positions(books: Books, query: Query) -> None:
    if query.start < 1 and (query.start < 0 or books.switches["startposition_zero"] == "refuse"):
        raise faults.query_invalid(f"value {query.start} is too small. Min allowed value is 1.")
    if query.maximum < 0:
        raise faults.query_invalid(f"value {query.maximum} is too small. Min allowed value is 0.")
    if query.maximum > LARGEST_PAGE:
        raise faults.query_invalid(
            f"value {query.maximum} is too large. Max allowed value is {LARGEST_PAGE}."
        )


def _filter(kind: Kind, field: str) -> Filter:
    lowered = field.lower()
    for name, found in kind.filters.items():
        if name.lower() == lowered:
            return found
    top = lowered.split(".")[0]
    if any(name.lower() == top for name in PROPERTIES[kind.name]):
        raise faults.query_invalid(f"property '{field}' is not queryable")
    raise faults.query_invalid(f"Property {field} not found for Entity {kind.name}")


def _where(books: Books, kind: Kind, query: Query) -> tuple[str, list[Any]]:
    parts, values = ["realm=?", "entity=?"], [books.realm, kind.name]
    narrow = _is_narrow(query)
    for condition in query.conditions:
        if _means_all(condition):
            continue
        sql, new = _compare(_filter(kind, condition.field), condition)
        # Of a narrow query the equalities pick the index, whatever range comes with them.
        parts.append(f"+{sql}" if narrow and condition.operator in RANGES else sql)
        values += new
    # facts 2.2: name lists show active records unless Active is filtered.
    if kind.has_active and not any(c.field.lower() == "active" for c in query.conditions):
        parts.append("+active=1" if narrow else "active=1")
    return " and ".join(parts), values


def _means_all(condition: Condition) -> bool:
    """`Active IN (true, false)`: no condition at all, so that the order comes from an index."""
    return condition.field.lower() == "active" and {
        value.lower() for value in condition.values
    } == {"true", "false"}


def _compare(found: Filter, condition: Condition) -> tuple[str, list[Any]]:
    if condition.operator == "LIKE":
        pattern = condition.values[0].replace("\\", "\\\\").replace("_", "\\_").casefold()
        return f"{found.sql} like ? escape '\\'", [pattern]
    if found.kind == "id" and condition.operator not in ("=", "IN"):
        raise faults.query_invalid(f"operator '{condition.operator}' is not supported for Id")
    values = [_value(found, condition, value) for value in condition.values]
    if condition.operator == "IN":
        return f"{_column(found)} in ({','.join('?' * len(values))})", values
    # facts 2.2: nothing is written as a blank in quotes.
    if condition.operator == "=" and found.kind == "text" and values[0] in ("", " "):
        return f"({found.sql} is null or {found.sql} = '')", []
    return f"{_column(found)} {condition.operator} ?", values


def _column(found: Filter) -> str:
    """Ids are compared as text: TAX, NON and 19 digits are Ids too (shape 17)."""
    return "id" if found.kind == "id" else found.sql


def _value(found: Filter, condition: Condition, text: str) -> Any:
    try:
        if found.kind == "number":
            return float(text)
        if found.kind == "time":
            return parse_time(text)
    except ValueError as error:
        raise faults.query_invalid(
            f"value '{text}' is invalid for property {condition.field}"
        ) from error
    if found.kind == "flag":
        if text.lower() not in ("true", "false", "1", "0"):
            raise faults.query_invalid(f"value '{text}' is invalid for property Active")
        return int(text.lower() in ("true", "1"))
    return text if found.kind in ("date", "id") else text.casefold()


def _is_narrow(query: Query) -> bool:
    """Whether few rows are meant: then the condition picks the index, and they are sorted."""
    return any(
        condition.operator in ("=", "IN") and condition.field.lower() != "active"
        for condition in query.conditions
    )


def _order(kind: Kind, query: Query) -> str:
    """A plus keeps SQLite from walking a whole index for the sake of the order."""
    plus = "+" if _is_narrow(query) else ""
    parts = [
        f"{plus}{_filter(kind, field).sql} {'desc' if down else 'asc'}"
        for field, down in query.order
    ]
    if not parts:
        parts = [plus + part for part in kind.order.split(", ")]
    elif not any(field.lower() == "id" for field, _ in query.order):
        parts.append(plus + "seq")
    return ", ".join(parts)


def _missing_in_star(books: Books, kind: Kind, query: Query) -> str:
    """A property that a read has and `select *` may not have."""
    named = {column.lower() for column in query.columns}
    if kind.name == "Item" and not books.switches["sku_in_star"] and "sku" not in named:
        return "Sku"  # facts 4.2
    if kind.name == "Customer" and books.switches["thin_queries"]:
        return "DefaultTaxCodeRef"  # facts 2.2
    return ""


def _as_made(text: str) -> str:
    """facts 2.2: a query may show an older LastUpdatedTime than a read of the same SyncToken.

    Here of what moved without one since it was made; conditions and order go by the later time.
    """
    return _TIMES.sub(r"\1\2\3\2", text, count=1) if _NEVER_EDITED in text else text


def _without(text: str, key: str) -> str:
    if f'"{key}":' not in text:
        return text
    body: Json = loads(text)
    body.pop(key, None)
    return dumps(body)


def _projected(text: str, kind: Kind, query: Query) -> str:
    body: Json = loads(text)
    tops = {column.split(".")[0].lower() for column in query.columns}
    known = {name.lower() for name in PROPERTIES[kind.name]}
    for top in tops - known:
        raise faults.query_invalid(f"Property {top} not found for Entity {kind.name}")
    # shape 27: chosen columns come back as sparse records.
    kept = {key: value for key, value in body.items() if key.lower() in tops}
    return dumps(kept | {"domain": "QBO", "sparse": True, "Id": body["Id"]})
