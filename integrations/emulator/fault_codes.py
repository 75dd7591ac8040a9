"""One example of every code in the table of facts 2.6, for failure rules that ask for it."""

from __future__ import annotations

from integrations.emulator import faults
from integrations.emulator.faults import Fault

# Codes that nothing in the books leads to.
LISTED = (
    Fault(
        "120",
        "Authorization Failure",
        "The user no longer has the right to do this.",
        status=401,
        kind="AuthorizationFault",
    ),
    Fault(
        "3001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached.  Try again later",
        status=403,  # shape 9: as in 2016
        kind="SERVICE",
    ),
    Fault(
        "6170",
        "TxnTaxDetail not allowed with NotApplicable",
        "TxnTaxDetail is not allowed where GlobalTaxCalculation is NotApplicable.",
    ),
    Fault("6200", "Account Period Closed", "The account period is closed."),
    Fault("6440", "Invalid account subtype", "The account subtype does not fit its type."),
    Fault("6470", "Invalid account type", "The account type cannot be changed."),
    Fault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: An unexpected error occurred.",
        status=500,
        kind="SystemFault",
    ),
)

EXAMPLES: dict[str, Fault] = {
    fault.code: fault
    for fault in (
        *LISTED,
        faults.unsupported("example"),
        faults.duplicate_request("example"),
        faults.not_found("Object Not Found : Another user has deleted this transaction."),
        faults.cannot_link("TxnID 1 cannot be linked: other customer."),
        faults.too_many_items(31),
        faults.unknown_property("Example", "Invoice", frozenset({"Id", "Line"})),
        faults.missing("Line"),
        faults.invalid_id("1.5"),
        faults.wrong_length("DisplayName", 500, 501),
        faults.invalid_number("Amount", "x"),
        faults.request_id_format(),
        faults.invalid_enumeration("Type", "x"),
        faults.invalid_characters("DisplayName"),
        faults.invalid_email(),
        faults.invalid_reference("Names", "75"),
        faults.query_syntax("x"),
        faults.query_invalid("example"),
        faults.query_bad_email(),
        faults.stale(),
        faults.permission_denied(),
        faults.business("example"),
        faults.amount_mismatch(),
        faults.no_name(),
        faults.invalid_line_tax(),
        faults.duplicate_number("1001", "Invoice", "1"),
        faults.company_status(),
        faults.closed_period("2026-01-31"),
        faults.duplicate_name("null", "1"),
        faults.account_type(),
        faults.deposited(),
    )
}


def example(code: str) -> Fault:
    """Raises ValueError for a code that is not in the table."""
    if code not in EXAMPLES:
        raise ValueError(f"code is one of {', '.join(sorted(EXAMPLES, key=int))}.")
    return EXAMPLES[code]
