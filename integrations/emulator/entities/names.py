"""Names of list records: unique, path-like, and renamed when made inactive."""

from __future__ import annotations

import re

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.jsontext import Json

DELETED = re.compile(r"(?: \(deleted(?: \d+)?\))+$")
PEOPLE = ("Customer", "Vendor", "Employee")


def check_name(books: Books, body: Json, key: str) -> None:
    """facts 4.1: no colon, tab or new line; whether blanks count is not known (facts 7.13)."""
    if re.search(r"[:\t\n]", body[key]):
        raise faults.invalid_characters(key)
    if books.switches["names_ignore_blanks"]:
        body[key] = body[key].strip(" ")


def check_unique(books: Books, entity: str, body: Json, key: str) -> None:
    """Raises Fault 6240. People's names are one space; inactive holders count (facts 5.5)."""
    entities = PEOPLE if entity in PEOPLE else (entity,)
    marks = ",".join("?" * len(entities))
    rows = books.store.rows(
        f"select entity, id, parent, json_extract(body, '$.{key}') as name from record "  # noqa: S608
        f"where realm=? and entity in ({marks}) and name=?",
        (books.realm, *entities, body[key].casefold()),
    )
    parent = (body.get("ParentRef") or {}).get("value")
    for row in rows:
        if row["entity"] == entity and row["id"] == body.get("Id"):
            continue
        if row["name"] != body[key] and not books.switches["names_ignore_case"]:
            continue
        # shape 21: leaves under different parents may repeat a name.
        if row["parent"] != parent and ((parent and row["parent"]) or entity == "Item"):
            continue
        raise faults.duplicate_name(books.switches["duplicate_name_detail"], row["id"])


def place_under_parent(books: Books, entity: str, body: Json, key: str, element: str) -> None:
    """Fill in Level and FullyQualifiedName from the parent (facts 4.1: five levels in all)."""
    parent_ref = body.get("ParentRef")
    if not parent_ref:
        body.pop("Level", None)
        body["FullyQualifiedName"] = body[key]
        return
    parent = books.get(entity, str(parent_ref.get("value", "")))
    if parent is None:
        raise faults.invalid_reference(element, str(parent_ref.get("value", "")))
    level = int(parent.get("Level", 0)) + 1
    if level > 4:
        raise faults.business("A list can have only five levels.")
    body["Level"] = level
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body[key]}"


def rename_when_inactive(books: Books, entity: str, body: Json, before: Json, key: str) -> None:
    """facts 2.3, shape 13: becoming inactive appends " (deleted)"; it stays on the way back."""
    if before.get("Active") is not False and body.get("Active") is False:
        if not DELETED.search(body[key]):
            body[key] = _free_deleted_name(books, entity, body[key])
    elif before.get("Active") is False and body.get("Active") is not False:
        keeps = books.switches["reactivate_keeps_suffix"] and not books.person
        if not keeps and body[key] == before[key]:
            body[key] = DELETED.sub("", body[key])


def _free_deleted_name(books: Books, entity: str, name: str) -> str:
    for number in range(1, 1000):
        candidate = f"{name} (deleted)"
        if number > 1 and books.switches["second_deleted_name"] == "(deleted 2)":
            candidate = f"{name} (deleted {number})"
        elif number > 1:
            candidate = name + " (deleted)" * number
        taken = books.store.value(
            "select 1 from record where realm=? and entity=? and name=?",
            (books.realm, entity, candidate.casefold()),
        )
        if not taken:
            return candidate
    raise faults.business("Too many records of that name were deleted.")


def rename_children(books: Books, entity: str, before: Json | None, after: Json | None) -> None:
    """A renamed parent changes the path of everything below it, and nothing else of it."""
    if not before or not after or before["FullyQualifiedName"] == after["FullyQualifiedName"]:
        return
    for child in books.find(entity, "parent=?", (after["Id"],)):
        old = dict(child)
        leaf = child["FullyQualifiedName"].removeprefix(before["FullyQualifiedName"])
        child["FullyQualifiedName"] = after["FullyQualifiedName"] + leaf
        books.rewrite(entity, child)
        rename_children(books, entity, old, child)
