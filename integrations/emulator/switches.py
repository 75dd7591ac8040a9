"""Behaviours that the sources dispute or leave open, each with the default we chose.

Tests flip them to prove that a sync survives either reading. What section 7 of the facts leaves
open has a switch that names its point, except where none is needed: 7.10 (prices, and which reads
are metered: nothing is paid here) and of 7.11 the address in userinfo and what the reconnect page
is given (neither is asked for). Not in dispute, but knobs that keep tests small: `limits`,
`cdc_cap`, `cdc_days`, `rotate_hours`, `hard_expiry_days`; states of a company are `subscription`
and `permission_denied`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = bool | int | str


@dataclass(frozen=True)
class Switch:
    name: str
    default: Value
    meaning: str
    source: str
    choices: tuple[str, ...] = ()


SWITCHES: tuple[Switch, ...] = (
    Switch("limits", False, "Enforce 10 requests/s and 500/min per company", "facts 2.8"),
    Switch("retry_after", False, "Send Retry-After with 429", "facts 2.8, 7.3"),
    Switch("throttle_body", "xml", "What 429 carries", "facts 2.6, 7.3", ("xml", "json", "empty")),
    Switch(
        "without_accept",
        "xml",
        "What a request is answered with that does not ask for JSON",
        "facts 2.1",
        ("xml", "json"),
    ),
    Switch(
        "rotate_hours",
        24,
        "Hours after which a refresh answers with a new refresh token",
        "facts 1.3",
    ),
    Switch(
        "old_refresh_token_grace_hours",
        0,
        "How long a rotated-out refresh token still works",
        "facts 1.3, 7.7",
    ),
    Switch(
        "code_reuse_kills_tokens",
        True,
        "Exchanging a code twice kills the tokens it gave",
        "facts 1.2, 7.6",
    ),
    Switch(
        "concurrent_refresh_kills",
        False,
        "Using a rotated-out refresh token revokes the whole grant",
        "facts 1.3",
    ),
    Switch("code_seconds", 600, "How long an authorization code is good", "facts 1.2, 7.6"),
    Switch(
        "invalid_grant_description",
        "none",
        "What explains invalid_grant, also for a code used twice",
        "facts 1.3, 7.6, shape 41",
        ("none", "Token invalid", "Incorrect Token type or clientID"),
    ),
    Switch(
        "deny_answer",
        "state",
        "What comes back beside the error when a person cancels",
        "facts 1.2, 7.5",
        ("state", "everything", "nothing"),
    ),
    Switch(
        "disconnect_page_realm",
        True,
        "The app's disconnect page is told the realm",
        "facts 1.7, 7.11",
    ),
    Switch("hard_expiry_days", 1825, "Days a chain of refresh tokens lives at most", "facts 1.3"),
    Switch("refresh_expiry_seconds", 8726400, "x_refresh_token_expires_in", "facts 1.3, 7.7"),
    Switch("void_event", "void", "Name of the void event", "facts 3.1, 7.4", ("void", "voided")),
    Switch(
        "inactive_event",
        "deleted",
        "Event when a list record is made inactive",
        "facts 3.2",
        ("deleted", "updated"),
    ),
    Switch(
        "balance_event", True, "A customer whose balance moved raises an updated event", "facts 2.3"
    ),
    Switch(
        "payment_moves_token",
        True,
        "A payment moves the SyncToken of what it pays, not only its LastUpdatedTime",
        "facts 2.3, 4.4",
    ),
    Switch(
        "event_dress",
        "full",
        "Events with all their keys, or plain: other case, no fraction, no data, longer id",
        "facts 3.1, shape 16",
        ("full", "plain"),
    ),
    Switch(
        "events_of_companies_together",
        False,
        "One delivery may carry events of several companies",
        "facts 3.1",
    ),
    Switch("events_twice", False, "Every delivery arrives twice", "facts 3.3"),
    Switch("events_reversed", False, "Newest deliveries and events first", "facts 3.3"),
    Switch("events_held_back", True, "A failing delivery holds the later ones back", "facts 3.3"),
    Switch("event_delay_seconds", 0, "Events wait before they leave", "facts 3.3"),
    Switch(
        "replay_ignores_body",
        True,
        "A known requestid with another body replays (else code 600)",
        "facts 2.4, 7.1",
    ),
    Switch("replay_errors", False, "Keep 400 answers under their requestid too", "facts 2.4, 7.1"),
    Switch("replay_hours", 720, "How long answers are kept under their requestid", "facts 7.1"),
    Switch(
        "cdc_inclusive", True, "CDC includes the second of changedSince itself", "facts 2.7, 7.2"
    ),
    Switch(
        "cdc_merged",
        "absent",
        "How CDC shows a customer or item that was merged away",
        "facts 2.7, 7.2",
        ("absent", "deleted", "inactive"),
    ),
    Switch("cdc_cap", 1000, "Objects per CDC answer", "facts 2.7"),
    Switch(
        "cdc_over_cap",
        "cut",
        "CDC of more than that: cut without a word, refused with code 500, or all of it",
        "facts 2.7, 7.2",
        ("cut", "refused", "all"),
    ),
    Switch("cdc_cap_per_entity", False, "The cap counts each entity by itself", "facts 2.7, 7.2"),
    Switch(
        "cdc_too_old",
        "500",
        "CDC from before its look-back: code 500, code 4001, or answered after all",
        "facts 2.7, 7.2",
        ("500", "4001", "answered"),
    ),
    Switch("cdc_days", 30, "How far back CDC looks", "facts 2.7"),
    Switch(
        "duplicate_name_detail",
        "id",
        "Detail text of 6240",
        "facts 2.6",
        ("id", "null", "sentence", "localised"),
    ),
    Switch("names_ignore_case", True, "Names that differ in case only are one", "facts 4.1, 7.13"),
    Switch(
        "names_ignore_blanks",
        True,
        "Blanks around a name are dropped",
        "facts 7.13",
    ),
    Switch(
        "second_deleted_name",
        "(deleted 2)",
        "Suffix of a second inactive record of one name",
        "facts 2.3, 7.13",
        ("(deleted 2)", "(deleted) (deleted)"),
    ),
    Switch(
        "several_emails",
        True,
        "A customer's address field takes several addresses (else code 2210)",
        "facts 4.1, 7.12",
    ),
    Switch("thin_queries", True, "Queries leave out a customer's DefaultTaxCodeRef", "facts 2.2"),
    Switch(
        "old_query_times",
        True,
        "Queries show the LastUpdatedTime of the SyncToken, not of a balance that moved since",
        "facts 2.2",
    ),
    Switch(
        "exchange_rate_required",
        False,
        "With several currencies an invoice or payment without ExchangeRate is refused with 2020",
        "facts 4.3, 5.21",
    ),
    Switch(
        "docnumber_when_auto",
        "keep",
        "DocNumber sent to a company that numbers by itself",
        "facts 4.3, 5.16",
        ("keep", "replace"),
    ),
    Switch("startposition_zero", "refuse", "STARTPOSITION 0", "facts 2.2", ("refuse", "accept")),
    Switch("sku_in_star", True, "select * answers with Sku", "facts 4.2"),
    Switch(
        "blank_clears",
        True,
        "An empty string in a sparse update clears the field",
        "facts 2.3, 7.14",
    ),
    Switch("null_clears", True, "A null in a sparse update clears the field", "facts 2.3, 7.14"),
    Switch("reactivate_keeps_suffix", True, "A reactivated record keeps ' (deleted)'", "facts 2.3"),
    Switch(
        "balancing_credit_applied",
        True,
        "The credit memo that balances a customer made inactive is applied to its invoices",
        "facts 4.1",
    ),
    Switch(
        "other_customers_invoice",
        "620",
        "The code for a payment that pays another customer's invoice",
        "facts 4.4",
        ("620", "2500", "6000"),
    ),
    Switch(
        "payment_operation_void",
        False,
        "A payment is voided by operation=void, too, as its page has it",
        "facts 2.3",
    ),
    Switch(
        "delete_linked",
        "refuse",
        "Deleting an invoice that has payments",
        "facts 2.3",
        ("refuse", "unlink"),
    ),
    Switch(
        "reflow_addresses", True, "Updated invoice addresses come back in Line1..Line4", "facts 4.3"
    ),
    Switch("tax_rounding", "rate", "Where tax is rounded", "facts 4.6, 7.9", ("rate", "line")),
    Switch(
        "bad_email_breaks_query",
        False,
        "One invoice with several addresses fails its whole page with 4002",
        "shape 8",
    ),
    Switch(
        "unescaped_text",
        "",
        "A row with this text has a line break in it as it is, which is no JSON",
        "none: what one bad row may do to its page",
    ),
    Switch("bad_email_status", "400", "The status that comes with 4002", "shape 8", ("400", "500")),
    Switch(
        "subscription",
        "active",
        "The company's subscription; ended: writes answer 6190, suspended: all answers 403",
        "shape 11, facts 2.6, 7.8",
        ("active", "ended", "suspended"),
    ),
    Switch(
        "revoked_detail",
        "Token revoked",
        "What a 401 says after the app was disconnected",
        "facts 2.6, 7.8",
        ("Token revoked", "Token expired"),
    ),
    Switch("permission_denied", False, "Every write answers 5020", "facts 2.6"),
    Switch(
        "read_only_keys", "ignore", "Read-only keys sent back", "facts 7.15", ("ignore", "refuse")
    ),
    Switch("fault_with_200", False, "Validation faults come with HTTP 200", "facts 2.1"),
)

BY_NAME = {switch.name: switch for switch in SWITCHES}


class Switches:
    """Current values; `switches["limits"]`."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.reset()

    def reset(self) -> None:
        self.values = {switch.name: switch.default for switch in SWITCHES}

    def restore(self, kept: dict[str, Value]) -> None:
        """Take up kept values; names of an earlier version are forgotten."""
        self.values.update({name: kept[name] for name in kept.keys() & BY_NAME.keys()})

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def change(self, changes: dict[str, Any]) -> None:
        """Set several at once. Raises ValueError for a name or value that does not exist."""
        for name, value in changes.items():
            switch = BY_NAME.get(name)
            if switch is None:
                raise ValueError(f"No switch is called {name}.")
            if switch.choices and value not in switch.choices:
                raise ValueError(f"{name} is one of {', '.join(switch.choices)}.")
            if type(value) is not type(switch.default):
                raise ValueError(f"{name} is a {type(switch.default).__name__}.")
        self.values.update(changes)
