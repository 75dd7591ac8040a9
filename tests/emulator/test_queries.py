"""The query language and its envelopes (facts 2.2, shapes 1, 2, 7, 27)."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest


@pytest.fixture
def people(books):
    for name, email in (("Ada", "ada@example.com"), ("bo", "BO@Example.com"), ("Cy O'Neil", "")):
        books.customer(name, **({"PrimaryEmailAddr": {"Address": email}} if email else {}))
    return books


def names(books, statement):
    return [row["DisplayName"] for row in books.query(statement).get("Customer", [])]


def test_shape_1_nothing_found_is_an_empty_object(books):
    assert books.query("select * from Customer") == {}


def test_shape_2_counts_and_pages(people):
    assert people.query("select count(*) from Customer") == {"totalCount": 3}
    page = people.query("select * from Customer maxresults 2")
    assert (page["startPosition"], page["maxResults"]) == (1, 2)
    assert "totalCount" not in page
    people.invoice(people.query("select * from Customer")["Customer"][0])
    assert people.query("select * from Invoice")["totalCount"] == 1


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("DisplayName = 'ADA'", ["Ada"]),
        ("DisplayName = 'Cy O\\'Neil'", ["Cy O'Neil"]),
        ("DisplayName like '%o%'", ["bo", "Cy O'Neil"]),
        ("PrimaryEmailAddr = 'bo@example.com'", ["bo"]),
        ("Id in ('1', '3')", ["Ada", "Cy O'Neil"]),
        ("Id = '2'", ["bo"]),
        ("Balance > '0'", []),
        ("Active = true and DisplayName = 'ada'", ["Ada"]),
        ("MetaData.LastUpdatedTime >= '2020-01-01T00:00:00-08:00'", ["Ada", "bo", "Cy O'Neil"]),
        ("MetaData.LastUpdatedTime > '2099-01-01'", []),
    ],
)
def test_facts_2_2_conditions(people, condition, expected):
    assert names(people, f"select * from Customer where {condition}") == expected  # noqa: S608


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("orderby Id desc", ["Cy O'Neil", "bo", "Ada"]),
        ("ORDER BY DisplayName DESC", ["Cy O'Neil", "bo", "Ada"]),
        ("startposition 2 maxresults 1", ["bo"]),
        ("MAXRESULTS 1 STARTPOSITION 3", ["Cy O'Neil"]),
    ],
)
def test_facts_2_2_order_and_position(people, tail, expected):
    assert names(people, f"SELECT * FROM customer {tail}") == expected  # noqa: S608


def test_facts_2_2_lists_show_active_records_unless_asked(people):
    person = people.query("select * from Customer where DisplayName='Ada'")["Customer"][0]
    people.save("Customer", {"Id": person["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert names(people, "select * from Customer") == ["bo", "Cy O'Neil"]
    assert names(people, "select * from Customer where Active in (true, false)") == [
        "Ada (deleted)",
        "bo",
        "Cy O'Neil",
    ]
    assert people.query("select count(*) from Customer") == {"totalCount": 2}
    assert names(people, "select * from Customer where Active = false") == ["Ada (deleted)"]


def test_shape_27_columns_come_back_sparse(people):
    row = people.query("select Id, DisplayName from Customer where Id='1'")["Customer"][0]
    assert row == {"DisplayName": "Ada", "domain": "QBO", "sparse": True, "Id": "1"}
    assert "Sku" not in people.query("select *, Sku from Item")["Item"][0]


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("selec * from Customer", "4000", "QueryParserError"),
        ("select * from Customer where", "4000", "<EOF>"),
        ("select * from Customer where Notes = 'x'", "4001", "property 'Notes' is not queryable"),
        ("select * from Customer where Foo = 'x'", "4001", "Property Foo not found"),
        ("select * from Vendor where PrimaryEmailAddr = 'x'", "4001", "not queryable"),
        ("select * from Invoice where PrivateNote = 'x'", "4001", "not queryable"),
        ("select * from Customer where Id > '1'", "4001", "not supported"),
        (
            "select * from Customer startposition 0",
            "4001",
            "QueryValidationError: value 0 is too small. Min allowed value is 1.",
        ),
        ("select * from Customer maxresults 1001", "4001", "1000"),
        ("select * from Customer where DisplayName = 'a' or DisplayName = 'b'", "4000", "or"),
    ],
)
def test_facts_2_2_bad_queries(books, statement, code, words):
    error = books.fault("GET", "query", query=statement)
    assert error["code"] == code
    assert words in error["Detail"]


def test_facts_2_2_position_zero_may_pass(control, people):
    control.switch(startposition_zero="accept")
    assert len(names(people, "select * from Customer startposition 0")) == 3


def test_facts_2_2_a_statement_may_be_posted(control, people):
    answer = control.session.post(
        f"{control.url}/v3/company/{people.realm}/query",
        data="select count(*) from Customer",
        headers={
            "Authorization": f"Bearer {people.tokens['access_token']}",
            "Content-Type": "application/text",
            "Accept": "application/json",
        },
        timeout=5,
    )
    assert answer.json()["QueryResponse"] == {"totalCount": 3}


def test_facts_2_1_times_are_pacific(books):
    answer = books.ok("GET", "query", query="select * from Item")
    assert answer["time"][19] == "."
    assert answer["time"][-6:] in ("-08:00", "-07:00")
    stamp = answer["QueryResponse"]["Item"][0]["MetaData"]["LastUpdatedTime"]
    assert "." not in stamp
    assert stamp[-6:] in ("-08:00", "-07:00")


def test_facts_2_1_headers(books):
    answer = books.call("GET", "preferences")
    tid = answer.headers["intuit_tid"]
    assert answer.headers["x-amzn-trace-id"] == f"Root={tid}"
    assert answer.headers["x-spanid"]
    assert answer.headers["Service-Time"] == "total=161, db=57"
    refused = books.call("GET", "customer/99")
    assert refused.headers["content-type"] == "application/json"
    assert "Service-Time" not in refused.headers


def test_shape_8_one_bad_address_fails_its_whole_page(control, books):
    customer = books.customer()
    books.invoice(customer)
    books.invoice(customer, BillEmail={"Address": "a@example.com, b@example.com"})
    control.switch(bad_email_breaks_query=True)
    assert books.fault("GET", "query", query="select * from Invoice")["code"] == "4002"
    assert books.query("select * from Invoice where Id='1'")["maxResults"] == 1


def test_shape_17_pseudo_tax_codes(control):
    books = control.connect(control.company())
    codes = {code["Id"]: code for code in books.query("select * from TaxCode")["TaxCode"]}
    assert not {"SyncToken", "domain", "sparse", "Active"} & codes["NON"].keys()
    assert books.query("select * from TaxCode where Id = 'TAX'")["maxResults"] == 1


@pytest.mark.parametrize(
    ("form", "kind"), [("xml", "application/xml"), ("json", "application/json")]
)
def test_facts_2_1_a_client_that_does_not_ask_for_json_is_answered_in_xml(
    control, books, form, kind
):
    control.switch(without_accept=form)
    ada = books.customer("Ada <& Co>")
    for path, status, words in (
        (f"customer/{ada['Id']}", 200, "Ada "),
        ("customer/99999", 400, "Object Not Found"),
        ("query?query=select%20*%20from%20Customer", 200, "maxResults"),
    ):
        answer = control.session.get(
            f"{control.url}/v3/company/{books.realm}/{path}",
            headers={"Authorization": f"Bearer {books.tokens['access_token']}"},
            timeout=20,
        )
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, kind)
        assert words in answer.text
        if form == "xml":
            ElementTree.fromstring(answer.content)  # noqa: S314 - the emulator is ours
        else:
            answer.json()
