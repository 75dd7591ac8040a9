"""Merging two records of a list, as a person does in QuickBooks (facts 3.2, 5.18)."""

from __future__ import annotations

from integrations.emulator import faults
from integrations.emulator.books import Books, ref
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.entities.kind import Kind
from integrations.emulator.entities.names import DELETED
from integrations.emulator.entities.sales_lines import SALES, sales_lines
from integrations.emulator.jsontext import Json

# What two records must have in common.
ALIKE = {"Customer": "CurrencyRef", "Item": "Type"}


def merge(books: Books, kind: Kind, loser_id: str, winner_id: str) -> Json:
    """The loser's Id vanishes, what used it moves, only the event tells. The winner answers."""
    if kind.name not in ALIKE:
        raise faults.unsupported(f"merge {kind.name}")
    loser, winner = books.get(kind.name, loser_id), books.get(kind.name, winner_id)
    if loser is None or winner is None or loser_id == winner_id:
        raise faults.invalid_reference("Names", winner_id)
    if loser[ALIKE[kind.name]] != winner[ALIKE[kind.name]]:
        raise faults.business(f"Records of different {ALIKE[kind.name]} cannot be merged.")
    if kind.name == "Customer":
        _move_transactions(books, loser_id, winner)
    else:
        _move_lines(books, loser_id, winner)
    _take_away(books, kind.name, loser)
    if kind.name == "Customer":
        refresh_balance(books, winner_id)
    books.event(kind.name, winner_id, "merged", {"deletedid": loser_id})
    return books.get(kind.name, winner_id) or winner


def _take_away(books: Books, entity: str, loser: Json) -> None:
    """facts 7.2: how CDC shows it is not known."""
    treatment = books.switches["cdc_merged"]
    if treatment != "inactive":
        books.store.remove(books.realm, entity, loser["Id"])
        if treatment == "deleted":
            books.bury(entity, loser["Id"])
        return
    key = "DisplayName" if entity == "Customer" else "Name"
    name = loser[key] if DELETED.search(loser[key]) else f"{loser[key]} (deleted)"
    loser |= {"Active": False, key: name, "FullyQualifiedName": name}
    if entity == "Customer":
        loser |= {"Balance": 0, "BalanceWithJobs": 0}
    loser.pop("ParentRef", None)
    books.change(entity, loser, token=False)


def _move_transactions(books: Books, loser_id: str, winner: Json) -> None:
    for entity in ("Invoice", "Payment", "CreditMemo"):
        for body in books.find(entity, "customer=?", (loser_id,)):
            body["CustomerRef"] = ref(winner, winner["DisplayName"])
            books.change(entity, body)
    for child in books.find("Customer", "parent=?", (loser_id,)):
        child["ParentRef"] = {"value": winner["Id"]}
        child["FullyQualifiedName"] = f"{winner['FullyQualifiedName']}:{child['DisplayName']}"
        books.change("Customer", child)


def _move_lines(books: Books, loser_id: str, winner: Json) -> None:
    used = f'%"ItemRef":{{"value":"{loser_id}"%'
    for entity in ("Invoice", "CreditMemo"):
        for body in books.find(entity, "body like ?", (used,)):
            for line in sales_lines(body["Line"]):
                if line[SALES]["ItemRef"]["value"] == loser_id:
                    line[SALES]["ItemRef"] = ref(winner)
            books.change(entity, body)
