from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from integrations.quickbooks import faults
from integrations.quickbooks.answers import members_of, retry_after

TID = {"intuit_tid": "1-00000000-aaaaaaaaaaaaaaaaaaaaaaaa"}
XML_THROTTLED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse '
    b'time="2026-07-04T10:11:12.345-07:00" xmlns="http://schema.intuit.com/finance/v3">'
    b'<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; '
    b"errorCode=003001; statusCode=429</Message><Detail>The request limit was reached.  "
    b"Try again later</Detail></Error></Fault></IntuitResponse>"
)


def upper(code, detail="", type_="ValidationFault", **more):
    error = {"Message": "In Intuit's words", "Detail": detail, "code": code} | more
    return json.dumps(
        {"Fault": {"Error": [error], "type": type_}, "time": "2026-07-04T10:11:12.345-07:00"}
    ).encode()


def lower(code, detail=None, type_="AUTHENTICATION"):
    error = {"message": "message=...; errorCode", "detail": detail, "code": code, "element": None}
    return json.dumps(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": type_},
            "queryResponse": None,
            "batchItemResponse": [],
            "time": 1783000000123,
            "cdcresponse": [],
        }
    ).encode()


def raised(status, body, headers=TID):
    with pytest.raises(faults.QuickBooksError) as caught:
        members_of(status, headers, body)
    return caught.value


CASES = [
    (400, upper("5010", "You and Ann Lee were working"), faults.StaleObject),
    (400, upper("610", "Object Not Found", element=""), faults.NotFound),
    (400, upper("6240", "The name supplied already exists. : null"), faults.DuplicateName),
    (400, upper("6140", "Duplicate"), faults.DuplicateNumber),
    (400, upper("6000", "Make sure all your"), faults.Rejected),
    (400, upper("10000", "An application error", "SystemFault"), faults.Rejected),
    (400, upper("4002", "QueryProcessingError: To email"), faults.UnreadablePage),
    (500, upper("4002", "QueryProcessingError", "Service"), faults.UnreadablePage),
    (400, upper("6190"), faults.SubscriptionEnded),
    (403, lower("3202", type_="SERVICE"), faults.SubscriptionEnded),
    (403, lower("6190", type_="SERVICE"), faults.SubscriptionEnded),
    (401, lower("3200", "Token expired: AB01secret"), faults.Unauthorized),
    (401, b"", faults.Unauthorized),
    (401, upper("120"), faults.Forbidden),
    (400, upper("5020"), faults.Forbidden),
    (403, lower("3100", type_="SERVICE"), faults.Forbidden),
    (403, b"<html>no</html>", faults.Forbidden),
    (429, XML_THROTTLED, faults.Throttled),
    (429, b"", faults.Throttled),
    (429, lower("3001", type_="SERVICE"), faults.Throttled),
    (403, lower("3001", type_="SERVICE"), faults.Throttled),
    (403, XML_THROTTLED, faults.Throttled),
    (403, lower("003001", type_="SERVICE"), faults.Throttled),
    (500, upper("10000", type_="SystemFault"), faults.ServerTrouble),
    (502, b"<html><center>nginx</center></html>", faults.ServerTrouble),
    (503, b"stream timeout", faults.ServerTrouble),
    (504, b"", faults.ServerTrouble),
    (408, b"", faults.TimedOut),
    (200, upper("5010"), faults.StaleObject),
    (200, upper("10000", type_="SystemFault"), faults.Rejected),
    (200, lower("3200"), faults.Unauthorized),
    (200, b'{"Fault": {}}', faults.Rejected),
    (200, b"<html>sign in to the hotel's network</html>", faults.UnexpectedAnswer),
    (200, b"", faults.UnexpectedAnswer),
    (302, b"", faults.UnexpectedAnswer),
    (404, b'{"no": "fault"}', faults.UnexpectedAnswer),
    (400, upper("500", "Operation"), faults.Rejected),
    (400, upper(2030, "Id should be a valid number", element="Id"), faults.Rejected),
]


@pytest.mark.parametrize(("status", "body", "expected"), CASES)
def test_each_answer_has_one_meaning(status, body, expected):
    fault = raised(status, body)
    assert type(fault) is expected
    assert (fault.status, fault.intuit_tid) == (status, TID["intuit_tid"])


@pytest.mark.parametrize(("status", "body", "expected"), CASES)
def test_no_fault_shows_intuits_text_by_itself(status, body, expected):
    fault = raised(status, body)
    shown = f"{fault} {fault!r} {fault.args} {vars(fault)}"
    assert "Ann Lee" not in shown
    assert "secret" not in shown
    assert "Intuit's words" not in shown


def test_the_detail_is_there_for_who_asks():
    fault = raised(400, upper("5010", "You and Ann Lee were working"))
    assert fault.detail.reveal() == "You and Ann Lee were working"
    assert f"{fault.detail} {fault.detail!r}" == "<hidden> <hidden>"
    assert str(fault) == (
        "The record was changed in QuickBooks meanwhile (code 5010, HTTP 400,"
        " 1-00000000-aaaaaaaaaaaaaaaaaaaaaaaa)"
    )


@pytest.mark.parametrize(
    ("detail", "holder"),
    [("The name supplied already exists. : Id=123", "123"), ("... : null", None)],
)
def test_a_taken_name_may_tell_its_holder(detail, holder):
    assert raised(400, upper("6240", detail)).holder_id == holder


def test_a_taken_number_tells_its_transaction():
    fault = raised(
        400, upper("6140", "DocNumber=1039 is assigned to TxnType=Invoice with TxnId=266")
    )
    assert (fault.txn_id, fault.txn_type) == ("266", "Invoice")


def test_of_several_errors_the_one_with_a_meaning_decides():
    errors = [{"code": "6000", "Detail": "first"}, {"code": "5010", "Detail": "second"}]
    body = json.dumps({"Fault": {"Error": errors, "type": "ValidationFault"}}).encode()
    assert type(raised(400, body)) is faults.StaleObject


def test_a_rejection_names_its_element():
    assert raised(400, upper("2020", "Required", element="Line")).element == "Line"


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        (faults.TimedOut, True),
        (faults.ServerTrouble, True),
        (faults.UnexpectedAnswer, True),
        (faults.Unreachable, False),
        (faults.Throttled, False),
        (faults.StaleObject, False),
        (faults.Unauthorized, False),
    ],
)
def test_r16_it_is_known_whether_a_write_may_have_happened(fault, unknown):
    assert fault().outcome_unknown is unknown


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("60", 60.0),
        ("1.5", 1.5),
        ("-4", 0.0),
        ("99999999", 3600.0),
        ("nan", None),
        ("inf", 3600.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("Sat, 04 Jul 2026 12:00:30 GMT", 30.0),
        ("Sat, 04 Jul 2026 11:00:00 GMT", 0.0),
        ("Sat, 99 Jul 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header, seconds):
    assert retry_after(header, datetime(2026, 7, 4, 12, tzinfo=UTC)) == seconds


def test_a_wait_is_told_with_the_throttle():
    assert raised(429, XML_THROTTLED, TID | {"Retry-After": "7"}).retry_after == 7.0
    assert raised(429, XML_THROTTLED).retry_after is None
