"""The products and services of Cedar Lane Supply."""

from __future__ import annotations

from integrations.emulator.jsontext import Json
from integrations.emulator.samples.ledger import Ledger

# name, price, SKU, category, taxable
PRODUCTS = """
Bark mulch|4.5|MUL-BARK|Soil & stone|y
River rock|6.25|ROCK-RIV|Soil & stone|y
Topsoil|3.95|SOIL-TOP|Soil & stone|y
Compost|5.1|SOIL-CMP|Soil & stone|y
Pea gravel|5.75||Soil & stone|y
Cedar plank|12.4|LUM-CED-6|Lumber|y
Fir post|18.9|LUM-FIR-P|Lumber|y
Lattice panel|29||Lumber|y
Raised bed kit|149|KIT-BED-4X8||y
Planter box|64.5|PLANT-BX||y
Picnic table|389|TAB-PIC||y
Drip irrigation|219.99|IRR-DRIP||y
Garden hose|34.95|HOSE-50||y
Hose nozzle|12.25|HOSE-NZ||y
Seed mix|8.75|SEED-MDW||y
Grass seed|21.5|SEED-GRS||y
Fertilizer|27.3|FERT-20||y
Slug bait|9.8|||y
Work gloves|14.99|GLV-L||y
Hand trowel|11.45|TOOL-TRW||y
Pruning shears|32|TOOL-PRN||y
Wheelbarrow|119|TOOL-WHL||y
Gift card|50|||n
"""
SERVICES = """
Garden design|85
Lawn care|60
Pruning|55
Labor|48.5
Delivery|75
Soil test|40
Consultation|0
Irrigation check|95
"""


def load_items(ledger: Ledger) -> dict[str, Json]:
    ledger.days_ago(320)
    items: dict[str, Json] = {}
    parents = {
        name: ledger.add("Item", Name=name, Type="Category") for name in ("Soil & stone", "Lumber")
    }
    for row in PRODUCTS.strip().splitlines():
        name, price, sku, category, taxable = row.split("|")
        place = {"ParentRef": {"value": parents[category]["Id"]}} if category else {}
        items[name] = ledger.product(name, float(price), sku, Taxable=taxable == "y", **place)
    for row in SERVICES.strip().splitlines():
        name, price = row.split("|")
        items[name] = ledger.service(name, float(price))
    _odd_items(ledger, items)
    return items


def _odd_items(ledger: Ledger, items: dict[str, Json]) -> None:
    items["Deck screws"] = ledger.add(
        "Item",
        Name="Deck screws",
        Type="Inventory",
        UnitPrice=18.95,
        Sku="SCR-DECK",
        Taxable=True,
        IncomeAccountRef={"value": "1"},
        ExpenseAccountRef={"value": "8"},
        AssetAccountRef={"value": "7"},
        QtyOnHand=140,
        InvStartDate=ledger.day(320),
        PurchaseCost=9.2,
        Description="Coated deck screws, box of 200",
    )
    # shape 26: markup and hard blanks in descriptions.
    chair = ledger.product(
        "Garden chair",
        72,
        "CHAIR-GRD",
        Taxable=True,
        Description=("<p>Solid cedar.<br>Weatherproof\u00a0finish &amp; brass screws.</p>"),
    )
    table = ledger.product("Patio table", 240, "TAB-PAT", Taxable=True)
    # A price with seven decimals (shape 31).
    ledger.product("Bulk fasteners", 92.5633333, "BULK-FST", Taxable=True)
    # A bundle has no income account and no price (shape 26).
    items["Patio set"] = ledger.add(
        "Item",
        Name="Patio set",
        Type="Group",
        Description="Table and four chairs",
        PrintGroupedItems=True,
        ItemGroupDetail={
            "ItemGroupLine": [
                {"Qty": 1, "ItemRef": {"value": table["Id"], "name": "Patio table"}},
                {"Qty": 4, "ItemRef": {"value": chair["Id"], "name": "Garden chair"}},
            ]
        },
    )
    # A service without an income account (shape 26).
    bare = ledger.service("Legacy import", 0)
    ledger.raw("Item", bare, IncomeAccountRef=None)
    gone = ledger.product("Bird feeder", 22, "FEED-BRD")
    ledger.change("Item", gone, Active=False)
