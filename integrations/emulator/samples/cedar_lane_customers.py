"""The customers of Cedar Lane Supply."""

from __future__ import annotations

from integrations.emulator.jsontext import Json
from integrations.emulator.samples.ledger import Ledger, place

# name, email, phone, company, street, city, region, postal code
PEOPLE = """
Nora Whitfield|nora.whitfield@example.com|(541) 555-0112||77 Alder Street|Eugene|OR|97401
Hank Ostrander|hank@ostrander.example|541-555-0134|Ostrander Builds|9 Mill Race|Eugene|OR|97477
Priya Raman|priya.raman@example.com|+1 541 555 0148||2210 Agate Street|Eugene|OR|97403
Lucas Amaro|lucas.amaro@example.com|(541) 555-0156||18 Polk Street|Eugene|Oregon|97402
Gwen O'Malley|gwen.omalley@example.com|541.555.0163||5 Skinner Butte Loop|Eugene|OR|97401
Dana Kowalski|dana.k@example.com|(503) 555-0171||640 Hawthorne Blvd|Portland|OR|97214
Ines Castellanos|ines@castellanos.example|(541) 555-0187||3 Olive Court|Cottage Grove|OR|97424
Theo Lindqvist|theo.lindqvist@example.com|||41 Willow Lane|Corvallis|OR|97330
Marguerite Dubois|m.dubois@example.com|(541) 555-0192||88 Monroe Street|Eugene|OR|97402
Samir Haddad|samir.haddad@example.com|||1200 River Road|Eugene|OR|97404
Abigail Thornton|abby.thornton@example.com|(541) 555-0203||7 Chestnut Drive|Junction City|OR|97448
Wei-Lin Zhao|weilin.zhao@example.com|541-555-0211||19 Fairmount Blvd|Eugene|OR|97403
Oscar Mbeki|oscar.mbeki@example.com|||402 Blair Blvd|Eugene|OR|97402
Ruth Feldman|ruth.feldman@example.com|(541) 555-0220||11 Spyglass Drive|Eugene|OR|97401
José Núñez|jose.nunez@example.com|(541) 555-0231||260 Harlow Road|Springfield|OR|97477
Beatrix Kiddoe|bea@kiddoe.example|||31 Crest Drive|Eugene|OR|97405
Frank Sobolewski|frank.sobolewski@example.com|(541) 555-0244||72 Jefferson Street|Eugene|OR|97402
Amara Okafor|amara.okafor@example.com|||14 Potter Street|Eugene|OR|97403
Leonard Bright|len.bright@example.com|(541) 555-0259||900 Coburg Road|Eugene|OR|97401
Yuki Tanaka|yuki.tanaka@example.com|||53 Emerald Street|Eugene|OR|97403
Clara van den Berg|clara.vdb@example.com|(541) 555-0266||6 Laurel Hill|Eugene|OR|97405
Desmond Achebe|des.achebe@example.com|(541) 555-0270||81 Taylor Street|Eugene|OR|97402
Ivy Prescott|ivy.prescott@example.com|||29 Onyx Street|Eugene|OR|97403
Rafael Moreno|rafael.moreno@example.com|(541) 555-0281||310 Centennial Loop|Eugene|OR|97401
Hilda Bergström|hilda.bergstrom@example.com|||17 Elm Street|Creswell|OR|97426
Grant Pemberton|grant.pemberton@example.com|(541) 555-0294||4 Dillard Road|Eugene|OR|97405
Sunita Kapoor|sunita.kapoor@example.com|||66 Friendly Street|Eugene|OR|97402
Peter Novak|peter.novak@example.com|(541) 555-0305||28 Goodpasture Road|Eugene|OR|97401
Lila Fontaine|lila.fontaine@example.com|||9 Barger Drive|Eugene|OR|97402
Walter Quigley|walt.quigley@example.com|(541) 555-0317||150 Territorial Road|Veneta|OR|97487
"""
COMPANIES = """
Willamette Landscaping|office@willamette.example|(541) 555-0400|2000 Franklin Blvd|Eugene|OR|97403
Fern Hollow Inn|desk@fernhollow.example|(541) 555-0411|1 Fern Hollow Road|Lowell|OR|97452
Tualatin School District|ap@tualatin-sd.example|(503) 555-0422|6960 Sandburg St|Tigard|OR|97223
Main Street Bakery|hello@mainbakery.example|(541) 555-0433|501 Main Street|Springfield|OR|97477
Riverbend Homes|ap@riverbend.example|(541) 555-0444|77 Riverbend Drive|Springfield|OR|97477
Bluebird Café|owner@bluebirdcafe.example|(541) 555-0455|12 Oak Alley|Eugene|OR|97401
Juniper Property Group|billing@juniperpg.example|(541) 555-0466|300 Oak Street|Eugene|OR|97401
Sasquatch Brewing Supply|orders@sasquatchbrew.example||44 Whiteaker Lane|Eugene|OR|97402
McKenzie River Lodge|stay@mckenzie.example|(541) 555-0488|54000 McKenzie Hwy|Blue River|OR|97413
"""


def load_customers(ledger: Ledger) -> dict[str, Json]:
    ledger.days_ago(300)
    people: dict[str, Json] = {}
    for row in PEOPLE.strip().splitlines():
        name, email, phone, company, street, city, region, code = row.split("|")
        people[name] = ledger.customer(
            name, email, phone, company=company, address=place(street, city, region, code)
        )
    ledger.days_ago(220)
    for row in COMPANIES.strip().splitlines():
        name, email, phone, street, city, region, code = row.split("|")
        people[name] = ledger.customer(
            "",
            email,
            phone,
            company=name,
            address=place(street, city, region, code, "USA"),
            SalesTermRef={"value": "3"},
        )
    ledger.days_ago(150)
    _families(ledger, people)
    _without_email(ledger, people)
    _odd_names(ledger, people)
    _inactive(ledger)
    return people


def _families(ledger: Ledger, people: dict[str, Json]) -> None:
    """Sub-customers (shape 21) that repeat the parent's address (shape 20)."""
    parent = people["Riverbend Homes"]
    for name in ("Harbor View Project", "Lot 14", "Test Project"):
        people[name] = ledger.customer(
            "",
            "ap@riverbend.example",
            DisplayName=name,
            Job=True,
            ParentRef={"value": parent["Id"]},
            BillWithParent=True,
        )
    other = people["Juniper Property Group"]
    people["Juniper test"] = ledger.customer(
        "", DisplayName="Test Project", Job=True, ParentRef={"value": other["Id"]}
    )
    unit = ledger.customer(
        "",
        "billing@juniperpg.example",
        DisplayName="Oak Street 300",
        Job=True,
        ParentRef={"value": other["Id"]},
    )
    ledger.customer("", DisplayName="Unit 4B", Job=True, ParentRef={"value": unit["Id"]})
    for name in ("Robin Sayer", "Jamie Sayer"):
        ledger.customer(name, "sayer.family@example.com", "(541) 555-0501")


def _without_email(ledger: Ledger, people: dict[str, Json]) -> None:
    """shape 19: a quarter of real customers have no address."""
    for name in ("Walk-in customer", "County Fair booth", "Eddie Marsh", "Old Mill Farm"):
        people[name] = ledger.customer("", DisplayName=name)
    ledger.customer("Cora Blythe", phone="(541) 555-0522")
    ledger.customer(
        "Amos Tuttle", phone="541 555 0533", address=place("Rural Route 2", "Elmira", "OR", "97437")
    )
    # shape 22: addresses that are nothing but an Id, one for both.
    bare = ledger.customer("Jo Pender")
    ledger.raw("Customer", bare, BillAddr={"Id": "333"}, ShipAddr={"Id": "333"})


def _odd_names(ledger: Ledger, people: dict[str, Json]) -> None:
    """shape 24: what people type into a name."""
    people["Chase  Tidwell"] = ledger.customer(
        "Chase Tidwell", "chase@tidwell.example", DisplayName="Chase  Tidwell"
    )
    ledger.customer("", "manager@oceanblvd.example", DisplayName="1047 S Ocean Blvd")
    ledger.customer("", "team@a-b.example", DisplayName="A/B & Sons (wholesale) *")
    nbsp = ledger.customer("", "hello@tidepool.example", DisplayName="Tide\u00a0Pool Studio")
    # shape 25: coordinates as text, keys that appear without notice.
    ledger.raw(
        "Customer",
        nbsp,
        V4IDPseudonym="00208023d4fe2e4c0a4c3e8f5a1b2c3d4e5f6a",
        BillAddr={
            "Id": "512",
            "Line1": "3 Dock Street",
            "City": "Florence",
            "Country": "United States",
            "CountrySubDivisionCode": "Oregon",
            "PostalCode": "97439",
            "Lat": "INVALID",
            "Long": "INVALID",
        },
    )
    # Several addresses in one field (shape 8).
    ledger.customer(
        "Pat Lowell",
        "pat@lowell.example, sam@lowell.example",
        "(541) 555-0550",
        company="Lowell & Daughters",
    )
    ledger.customer(
        "Misty Vale",
        "MISTY.VALE@Example.com",
        Title="Dr.",
        MiddleName="Anne",
        Suffix="Jr.",
        Mobile={"FreeFormNumber": "(541) 555-0560"},
        Notes="Prefers text messages.",
    )


def _inactive(ledger: Ledger) -> None:
    """shape 13: made inactive, and renamed by it."""
    for name, email in (
        ("Gone Fishing Charters", "crew@gonefishing.example"),
        ("Vera Lindgren", "vera.lindgren@example.com"),
    ):
        gone = ledger.customer("", email, DisplayName=name)
        ledger.change("Customer", gone, Active=False)
