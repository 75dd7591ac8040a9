"""Create, update, delete, void and what is refused (facts 2.3, 2.4, 2.6, 4)."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import sales_line


def test_facts_4_1_a_minimal_customer_comes_back_whole(books):
    body = books.customer("Doe, Jane")
    assert (body["Id"], body["SyncToken"], body["sparse"], body["domain"]) == (
        "1",
        "0",
        False,
        "QBO",
    )
    assert body["PrintOnCheckName"] == body["FullyQualifiedName"] == "Doe, Jane"
    assert (body["Active"], body["Job"], body["Balance"]) == (True, False, 0)
    assert not {"PrimaryEmailAddr", "BillAddr", "Level", "ParentRef"} & body.keys()


def test_facts_4_1_display_name_is_built_from_the_parts(books):
    body = books.save("Customer", {"Title": "Dr.", "GivenName": "Ada", "FamilyName": "Byron"})
    assert body["DisplayName"] == "Dr. Ada Byron"
    assert books.fault("POST", "customer", {"Notes": "x"})["code"] == "6080"


def test_facts_2_3_sparse_leaves_and_full_clears(books):
    made = books.customer(Notes="n", CompanyName="c")
    sparse = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "m"}
    )
    assert (sparse["Notes"], sparse["CompanyName"], sparse["SyncToken"]) == ("m", "c", "1")
    full = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "1", "DisplayName": "Nora Whitfield"}
    )
    assert not {"Notes", "CompanyName"} & full.keys()
    assert full["SyncToken"] == "2"


def test_facts_2_3_a_change_of_nothing_keeps_the_token(books):
    made = books.customer(Notes="n")
    same = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "n"}
    )
    assert same == made


def test_facts_2_6_a_stale_token_is_5010_with_a_name_in_it(books):
    made = books.customer()
    books.save("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "1"})
    error = books.fault(
        "POST", "customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "2"}
    )
    assert (error["code"], error["element"]) == ("5010", "")
    assert "were working on this at the same time" in error["Detail"]


@pytest.mark.parametrize(("clears", "expected"), [(True, None), (False, "n")])
def test_facts_7_14_blank_in_a_sparse_update(control, books, clears, expected):
    control.switch(blank_clears=clears)
    made = books.customer(Notes="n")
    body = books.save(
        "Customer",
        {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "", "DisplayName": ""},
    )
    assert body.get("Notes") == expected
    assert body["DisplayName"] == "Nora Whitfield"


@pytest.mark.parametrize(
    ("entity", "body", "code"),
    [
        ("customer", {"DisplayName": "x", "Foo": 1}, "2010"),
        ("customer", {"DisplayName": "x", "PrimaryPhone": {"Number": "1"}}, "2010"),
        ("customer", {"DisplayName": "a:b"}, "2180"),
        ("customer", {"DisplayName": "x", "GivenName": "y" * 101}, "2050"),
        (
            "customer",
            {"DisplayName": "x", "BillAddr": {f"Line{n}": "y" * 401 for n in range(1, 6)}},
            "2050",
        ),
        ("customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nowhere"}}, "2210"),
        ("customer", {"DisplayName": "x", "ParentRef": {"value": "99"}}, "2500"),
        ("customer", {"DisplayName": "x", "Id": "1.5", "SyncToken": "0"}, "2030"),
        ("customer", {"DisplayName": "x", "Id": "99", "SyncToken": "0"}, "610"),
        ("item", {"Type": "Service"}, "2020"),
        ("item", {"Name": "x", "Type": "Service"}, "2020"),
        ("item", {"Name": "x", "Type": "Odd", "IncomeAccountRef": {"value": "1"}}, "2170"),
        ("item", {"Name": "x", "Type": "Service", "IncomeAccountRef": {"value": "99"}}, "2500"),
        ("item", {"Name": "x", "Type": "Service", "IncomeAccountRef": {"value": "4"}}, "6430"),
        ("invoice", {"Line": [sales_line(1)]}, "2020"),
        ("invoice", {"CustomerRef": {"value": "1"}}, "2020"),
        ("invoice", {"CustomerRef": {"value": "75"}, "Line": [sales_line(1)]}, "2500"),
        ("invoice", {"CustomerRef": {"value": "1"}, "Line": [sales_line(1, item="77")]}, "2500"),
        (
            "invoice",
            {"CustomerRef": {"value": "1"}, "Line": [sales_line(10, Qty=3, UnitPrice=3.5)]},
            "6070",
        ),
        ("invoice", {"CustomerRef": {"value": "1"}, "Line": [sales_line(1, tax="3")]}, "6100"),
        (
            "invoice",
            {"CustomerRef": {"value": "1"}, "Line": [sales_line(1)], "DocNumber": "y" * 22},
            "2050",
        ),
        ("payment", {"CustomerRef": {"value": "1"}}, "2020"),
        ("taxcode", {"Name": "Exempt"}, "500"),
        ("nothing", {}, "500"),
    ],
)
def test_facts_2_6_what_is_refused(books, entity, body, code):
    books.customer("One")
    error = books.fault("POST", entity, body)
    assert error["code"] == code
    assert books.query("select count(*) from Customer") == {"totalCount": 1}
    assert books.query("select count(*) from Invoice") == {"totalCount": 0}


@pytest.mark.parametrize(
    ("path", "code"),
    [("customer/abc", "2030"), ("customer/99", "610"), ("foo/1", "500"), ("Customer/1", "500")],
)
def test_shape_7_reads_that_fail(books, path, code):
    assert books.fault("GET", path)["code"] == code


def test_facts_2_1_company_info_has_id_1(books):
    assert books.read("CompanyInfo", books.realm)["Id"] == "1"
    assert books.query("select * from CompanyInfo")["CompanyInfo"][0]["Country"] == "US"
    preferences = books.ok("GET", "preferences")["Preferences"]
    assert "PartnerTaxEnabled" not in preferences["TaxPrefs"]


@pytest.mark.parametrize(
    ("style", "words"),
    [("id", "Id=1"), ("null", ": null"), ("sentence", "Another customer, vendor or employee")],
)
def test_facts_2_6_names_are_shared_by_customers_vendors_and_employees(
    control,
    books,
    style,
    words,
):
    control.switch(duplicate_name_detail=style)
    books.save("Vendor", {"DisplayName": "Nora Whitfield"})
    error = books.fault("POST", "customer", {"DisplayName": "NORA whitfield"})
    assert error["code"] == "6240"
    assert words in error["Detail"]
    assert "element" not in error


def test_shape_13_inactivating_renames_and_keeps_the_cheque_name(books):
    made = books.customer("Vera")
    off = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    )
    assert off["DisplayName"] == off["FullyQualifiedName"] == "Vera (deleted)"
    assert off["PrintOnCheckName"] == "Vera"
    again = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Active": False}
    )
    assert again == off  # shape 14
    second = books.customer("Vera")
    off2 = books.save(
        "Customer", {"Id": second["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    )
    assert off2["DisplayName"] == "Vera (deleted 2)"
    on = books.save(
        "Customer", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Active": True}
    )
    assert on["DisplayName"] == "Vera (deleted)"


def test_shape_21_sub_customers(books):
    parent = books.customer("Riverbend")
    child = books.customer("Lot 14", ParentRef={"value": parent["Id"]}, Job=True)
    assert child["FullyQualifiedName"] == "Riverbend:Lot 14"
    assert (child["Level"], child["ParentRef"]) == (1, {"value": parent["Id"]})
    assert books.invoice(child)["CustomerRef"]["name"] == "Lot 14"
    assert books.read("Customer", parent["Id"])["BalanceWithJobs"] == 100
    books.save(
        "Customer",
        {"Id": parent["Id"], "SyncToken": "0", "sparse": True, "DisplayName": "Riverside"},
    )
    assert books.read("Customer", child["Id"])["FullyQualifiedName"] == "Riverside:Lot 14"


def test_facts_2_4_a_request_id_replays_its_first_answer(control, books):
    body = {"DisplayName": "Once"}
    first = books.call("POST", "customer", body, requestid="r-1")
    second = books.call("POST", "customer", body, requestid="r-1")
    other = books.call("POST", "customer", {"DisplayName": "Else"}, requestid="r-1")
    assert first.text == second.text == other.text
    assert books.query("select count(*) from Customer") == {"totalCount": 1}
    control.switch(replay_ignores_body=False)
    assert books.fault("POST", "customer", {"DisplayName": "Else"}, requestid="r-1")["code"] == (
        "600"
    )


def test_facts_2_4_a_refusal_is_not_kept(books):
    assert books.fault("POST", "customer", {}, requestid="r-2")["code"] == "6080"
    assert books.ok("POST", "customer", {"DisplayName": "Now"}, requestid="r-2")
    assert books.fault("POST", "customer", {"DisplayName": "x"}, requestid="r" * 51)["code"] == (
        "2130"
    )


def test_facts_2_5_a_batch_answers_item_by_item(books):
    answer = books.ok(
        "POST",
        "batch",
        {
            "BatchItemRequest": [
                {"bId": "a", "operation": "create", "Customer": {"DisplayName": "A"}},
                {"bId": "b", "operation": "create", "Customer": {"DisplayName": "A"}},
                {"bId": "c", "Query": "select count(*) from Customer"},
            ]
        },
    )["BatchItemResponse"]
    by_id = {item["bId"]: item for item in answer}
    assert by_id["a"]["Customer"]["Id"] == "1"
    assert by_id["b"]["Fault"]["Error"][0]["code"] == "6240"
    assert by_id["c"]["QueryResponse"] == {"totalCount": 1}
    items = [{"bId": str(n), "Query": "select * from Item"} for n in range(31)]
    assert books.fault("POST", "batch", {"BatchItemRequest": items})["code"] == "1040"


def test_shape_11_a_lapsed_subscription_refuses_writes_only(control, books):
    control.switch(subscription="ended")
    assert books.fault("POST", "customer", {"DisplayName": "x"})["code"] == "6190"
    assert books.query("select * from Customer") == {}
