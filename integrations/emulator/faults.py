"""Errors of the accounting API, each as Intuit words it (facts 2.6)."""

from __future__ import annotations

from integrations.emulator.jsontext import Json


class Fault(Exception):
    """An answer in the validation style: HTTP 400 and upper-case keys, unless told otherwise."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        kind: str = "ValidationFault",
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.status = status
        self.kind = kind

    def body(self) -> Json:
        error = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return {"Error": [error], "type": self.kind}


def unsupported(operation: str) -> Fault:
    # shape 7: also what an unknown path gets; never a 404.
    return Fault("500", "Unsupported Operation", f"Operation {operation} is not supported.")


def duplicate_request(request_id: str) -> Fault:
    return Fault("600", "Duplicate Request ID", f"Duplicate Request ID : {request_id}")


def request_id_format() -> Fault:
    return Fault(
        "2130", "Invalid Request Id format", "Request Id is too long.", element="requestid"
    )


def not_found(detail: str = "") -> Fault:
    return Fault(
        "610",
        "Object Not Found",
        detail
        or "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees.",
        element="",
    )


def invalid_id(value: str) -> Fault:
    return Fault(
        "2030", "Invalid ID", f"Id should be a valid number. Supplied value:{value}", element="Id"
    )


def unknown_property(name: str, java_class: str, known: frozenset[str]) -> Fault:
    sample = ", ".join(f'"{key}"' for key in sorted(known)[:12])
    return Fault(
        "2010",
        "Request has invalid or unsupported property",
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.'
        f"{java_class}), not marked as ignorable ({len(known)} known properties: {sample}]) "
        "specified is unsupported or invalid",
    )


def unreadable() -> Fault:
    return Fault(
        "2010",
        "Request has invalid or unsupported property",
        "Property Name:failed to parse json object; a property specified is unsupported or invalid",
    )


def missing(name: str) -> Fault:
    return Fault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def wrong_length(name: str, limit: int, length: int) -> Fault:
    return Fault(
        "2050",
        "String length specified does not match the supported length",
        "String length is either shorter or longer than supported by specification. "
        f"Min:0 Max:{limit} supported. Supplied length:{length}",
        element=name,
    )


def invalid_number(name: str, value: object) -> Fault:
    return Fault(
        "2090",
        "Invalid Number",
        f"{name} should be a valid number. Supplied value:{value}",
        element=name,
    )


def invalid_enumeration(name: str, value: object) -> Fault:
    return Fault("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=name)


def invalid_characters(name: str) -> Fault:
    return Fault(
        "2180",
        "Invalid String Format",
        f"{name} has one of these characters: tab, new line or colon.",
        element=name,
    )


def invalid_email() -> Fault:
    return Fault(
        "2210",
        "Invalid Email Address format",
        "Email Address does not conform to the syntax rules of RFC 822.",
    )


def invalid_reference(element: str, value: str) -> Fault:
    """`element` is Intuit's word for the list: Names, Accounts, Items, Klasses, Depts."""
    return Fault(
        "2500",
        "Invalid Reference Id",
        f"Invalid Reference Id : {element} element id {value} not found",
    )


def no_name() -> Fault:
    return Fault(
        "6080",
        "One of the name fields is required",
        "At least one of the name parts or DisplayName must be supplied.",
    )


def stale(person: str = "Robin Example") -> Fault:
    # shape 6: the detail carries a person's name.
    return Fault(
        "5010",
        "Stale Object Error",
        f"Stale Object Error : You and {person} were working on this at the same time. "
        f"{person} finished before you did, so your work was not saved.",
        element="",
    )


def business(detail: str) -> Fault:
    return Fault(
        "6000",
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {detail}",
    )


def company_status() -> Fault:
    return Fault(
        "6190",
        "Invalid Company Status",
        "Subscription period has ended or canceled or there was a billing problem : "
        "You can't create transactions in QuickBooks Online right now.",
    )


def permission_denied() -> Fault:
    return Fault(
        "5020",
        "Permission Denied Error",
        "Permission Denied Error : Sorry, but you do not have permission to "
        "perform the operation you just requested.",
    )


def too_many_items(count: int) -> Fault:
    return Fault(
        "1040", "The batch size exceeds the limit", f"Batch size of {count} exceeds the limit."
    )


def cannot_link(detail: str) -> Fault:
    return Fault("620", "TxnID cannot be linked", detail)


def amount_mismatch() -> Fault:
    return Fault(
        "6070",
        "Amount is not equal to UnitPrice * Qty",
        "Amount calculation incorrect in the request: Amount is not equal to UnitPrice * Qty",
    )


def invalid_line_tax() -> Fault:
    return Fault(
        "6100", "Invalid line tax code", "Line TaxCode must be TAX or NON for US companies."
    )


def account_type() -> Fault:
    return Fault("6430", "Invalid account type", "Invalid account type: Choose an income account.")


def duplicate_number(number: str, kind: str, holder: str) -> Fault:
    return Fault(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has "
        f"already been used. DocNumber={number} is assigned to TxnType={kind} with TxnId={holder}",
        element="",
    )


def duplicate_name(style: str, holder: str) -> Fault:
    # shape 4: there is no element; three wordings have been recorded.
    detail = {
        "id": f"The name supplied already exists. : Id={holder}",
        "null": "The name supplied already exists. : null",
        "sentence": "The name supplied already exists. : Another customer, vendor or employee is "
        "already using this name. Please use a different name.",
        "localised": "Der angegebene Name ist bereits vorhanden. : Id=" + holder,
    }[style]
    return Fault("6240", "Duplicate Name Exists Error", detail)


def deposited() -> Fault:
    return Fault(
        "6540",
        "Deposited Transaction cannot be changed",
        "Deposited Transaction cannot be changed : If you want to change or delete this "
        "transaction, you must edit the deposit it appears on and remove it first.",
    )


def closed_period(closing_date: str) -> Fault:
    return Fault(
        "6210",
        "Account Period Closed, Cannot Update Through Services API",
        "The account period has closed and the account books cannot be updated through "
        f"through the QBO Services API. Closing date: {closing_date}",
    )


def query_syntax(token: str) -> Fault:
    return Fault(
        "4000",
        "Error parsing query",
        'QueryParserError: Encountered " "' + token + '" "" at line 1.\n'
        f'Invalid content. lineNo:1: token: "{token}"',
    )


def query_bad_email(status: int = 400) -> Fault:
    # shape 8: recorded with either status, each with its own type.
    return Fault(
        "4002",
        "Query processing error",
        "QueryProcessingError: To email address entered is invalid",
        status=status,
        kind="ValidationFault" if status == 400 else "Service",
    )


def unexpected(detail: str) -> Fault:
    return Fault(
        "10000",
        "An application error has occurred while processing your request",
        f"System Failure Error: {detail}",
        kind="SystemFault",
    )


def query_invalid(reason: str) -> Fault:
    return Fault("4001", "Invalid query", f"QueryValidationError: {reason}")
