"""What must always hold of inbound data and the connection (design.md), and ways to break it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """What must hold, how it is broken, and the tests that are to notice."""

    invariant: str
    change: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


NEVER_SKIPPED = "a change seen by Intuit is never skipped by the cursor"
NO_WRITE_LOST = "no CRM write lost"
NO_STALE = "no stale row reverts a newer one"
ONE_RECORD = "each external id links to one record"
NO_DUPLICATE = "no duplicate on either side"
CONSENT = "consent never rises by sync"
SINCE = "nothing of before invoices since moves"
CENT = "money equal to the cent"
SECRET = "a token is never in a log, page, URL or unencrypted column"
STAFF = "staff never reach connection controls"
ONE_BAD = "one bad record stops nobody"
STRANGER = "what a stranger sends changes nothing"
NOT_LOST = "nothing that came is lost"
ONE_HOLDER = "one holder at a time"

CHAOS = "tests/engine/test_inbound_chaos.py"
STORY = f"{CHAOS}::test_story_ends_with_both_sides_equal"
FLOW = f"{CHAOS}::test_flow_ends_right_once_time_has_passed"
ENGINE = "tests/engine"
BAD_ROWS = f"{ENGINE}/test_bad_rows.py"
CONNECTION = "tests/connection"

WAITING_EDIT = (
    "tests/pushing/test_both_sides.py"
    "::test_r10_edit_of_a_contact_that_waits_while_its_customer_changes_is_kept_and_sent"
)

BREACHES = (
    Breach(
        NO_WRITE_LOST,
        "a customer that changes is merged without what both sides last agreed on",
        "integrations/pulling/customer_changes.py",
        "            contact_fields.base(link),\n",
        "            contact_fields.here(people.contacts[link.contact_id]),\n",
        (WAITING_EDIT,),
    ),
    Breach(
        NO_WRITE_LOST,
        "a customer that changes is merged without what was edited here",
        "integrations/pulling/customer_changes.py",
        "            contact_fields.here(people.contacts[link.contact_id]),\n",
        "            contact_fields.base(link),\n",
        (WAITING_EDIT,),
    ),
    Breach(
        NO_WRITE_LOST,
        "a contact that is read to be linked is not locked",
        "integrations/pulling/locks.py",
        "    rows = model._default_manager.select_for_update(no_key=True).filter(these)",
        "    rows = model._default_manager.filter(these)",
        (f"{ENGINE}/test_concurrency.py::test_edit_made_while_its_contact_is_linked_is_not_lost",),
    ),
    Breach(
        NEVER_SKIPPED,
        "the cursor moves before the rows it covers",
        "integrations/pulling/pull.py",
        "    rows = Rows.of(changes.by_kind)\n    with transaction.atomic():\n",
        "    rows = Rows.of(changes.by_kind)\n    early = changes.time + OVERLAP\n"
        "    Connection.objects.filter(pk=connection.pk).update(cursor=early)\n"
        "    with transaction.atomic():\n",
        (f"{FLOW}[poll killed before its rows are kept]",),
    ),
    Breach(
        NEVER_SKIPPED,
        "the cursor is our clock after the fetch",
        "integrations/pulling/pull.py",
        "move_cursor(connection, work, position.wanted, changes.time - OVERLAP)",
        "move_cursor(connection, work, position.wanted, timezone.now())",
        (f"{ENGINE}/test_pull.py::test_r4_cursor_is_intuits_clock_however_fast_ours_is",),
    ),
    Breach(
        NEVER_SKIPPED,
        "the cursor of an import is the time of its end",
        "integrations/importing/finish.py",
        "connection.cursor = run.read_from - OVERLAP",
        "connection.cursor = timezone.now()",
        (f"{STORY}[events before, during and after the import: cloudevents]",),
    ),
    Breach(
        NEVER_SKIPPED,
        "a full CDC answer is taken for a whole one",
        "integrations/quickbooks/client.py",
        ">= CDC_LIMIT",
        "> CDC_LIMIT",
        (f"{STORY}[1,001 changes of two kinds between two polls]",),
    ),
    Breach(
        NEVER_SKIPPED,
        "a wish that comes after the question counts as served",
        "integrations/pulling/pull.py",
        'values: dict[str, Any] = {"served": wanted,',
        'values: dict[str, Any] = {"served": F("wanted"),',
        (f"{FLOW}[change after CDC has answered]",),
    ),
    Breach(
        NEVER_SKIPPED,
        "deletions are not looked for while catching up",
        "integrations/pulling/catch_up.py",
        "to_do = [*_ASIDE, *KINDS, *_DELETABLE]",
        "to_do = [*_ASIDE, *KINDS]",
        (f"{ENGINE}/test_catch_up.py::test_r13_deletions_of_a_month_ago_are_found_by_listing",),
    ),
    Breach(
        NEVER_SKIPPED,
        "deletions of what waits are not looked for while catching up",
        "integrations/pulling/catch_up.py",
        "to_do = [*_ASIDE, *KINDS, *_DELETABLE]",
        "to_do = [*KINDS, *_DELETABLE]",
        (f"{ENGINE}/test_catch_up.py::test_r6_deletions_of_what_waits_are_found_too",),
    ),
    Breach(
        NEVER_SKIPPED,
        "rows that move between the pages of an import are not noticed",
        "integrations/importing/work_through.py",
        "            follows = _follows(progress, page, last)\n",
        "            follows = True\n",
        (
            f"{ENGINE}/test_import_trouble.py"
            "::test_row_pushed_over_a_page_border_by_a_merge_is_not_lost",
        ),
    ),
    Breach(
        NO_STALE,
        "the > of the SyncToken is gone",
        "integrations/pulling/freshness.py",
        "return record.sync_token > known.sync_token",
        "return True",
        (f"{BAD_ROWS}::test_stale_and_equal_rows_never_revert_a_newer_one",),
    ),
    Breach(
        NO_STALE,
        "an equal SyncToken needs no later time",
        "integrations/pulling/freshness.py",
        "known.remote_updated_at is None or record.updated_at > known.remote_updated_at",
        "True",
        (f"{BAD_ROWS}::test_stale_and_equal_rows_never_revert_a_newer_one",),
    ),
    Breach(
        NO_STALE,
        "an echo counts as a change",
        "integrations/pulling/freshness.py",
        "    if record.sync_token != known.sync_token:\n"
        "        return record.sync_token > known.sync_token\n",
        "    return record.sync_token >= known.sync_token\n",
        (f"{ENGINE}/test_import.py::test_r3_second_import_changes_nothing",),
    ),
    Breach(
        ONE_RECORD,
        "the database allows two links of one id",
        "integrations/migrations/0001_initial.py",
        "fields=('connection', 'external_id'), name='customer_link_unique'",
        "fields=('connection', 'external_id', 'contact'), name='customer_link_unique'",
        (f"{ENGINE}/test_links.py",),
    ),
    Breach(
        NO_DUPLICATE,
        "addresses are matched with their case",
        "integrations/pulling/people.py",
        "self._holders.get(key_of(email))",
        "self._holders.get(email)",
        (
            f"{ENGINE}/test_import.py::test_r5_email_matches_whatever_its_case_and_history_keeps"
            "_what_gave_way",
        ),
    ),
    Breach(
        NO_DUPLICATE,
        "an invoice of ours that comes back is a new one",
        "integrations/pulling/invoices.py",
        "link_ours(work, new, contacts)",
        "new",
        (f"{STORY}[restored from an hour ago, its token is dead]",),
    ),
    Breach(
        NO_DUPLICATE,
        "a row that may be our own create is not parked",
        "integrations/pulling/under_way.py",
        "if not records or kind not in kinds_in_flight(work.connection):",
        "if True:",
        (
            "tests/pushing/test_invoices.py"
            "::test_r16_own_webhook_arriving_first_makes_no_second_payment",
        ),
    ),
    Breach(
        CONSENT,
        "whoever is imported has agreed",
        "integrations/pulling/customer_linking.py",
        "                statuses[contact_id],\n",
        '                "marketable",\n',
        (
            f"{ENGINE}/test_import.py"
            "::test_r8_imported_contacts_are_non_marketable_and_existing_ones_keep_their_status",
        ),
    ),
    Breach(
        CONSENT,
        "consent goes over to a new address",
        "integrations/pulling/contact_fields.py",
        "statuses.get(contact_id, contact.marketing_status)",
        "contact.marketing_status",
        (
            f"{ENGINE}/test_addresses.py"
            "::test_r8_changed_address_ends_consent_and_another_case_does_not",
        ),
    ),
    Breach(
        SINCE,
        "older invoices come in",
        "integrations/pulling/invoices.py",
        "elif record.created_at < work.connection.invoices_since:",
        "elif False:",
        (f"{ENGINE}/test_pull.py::test_r14_invoices_from_before_connecting_never_appear",),
    ),
    Breach(
        SINCE,
        "a frozen invoice follows",
        "integrations/pulling/invoices.py",
        "if link.frozen_at is None and link.gone_at is None and is_newer(record, link):",
        "if link.gone_at is None and is_newer(record, link):",
        (
            f"{ENGINE}/test_import_trouble.py"
            "::test_r19_reset_freezes_what_was_invoiced_before_and_moves_the_rest",
        ),
    ),
    Breach(
        CENT,
        "amounts are kept to six digits",
        "integrations/quickbooks/mapping/values.py",
        "    return value\n\n\ndef money",
        '    return Decimal(f"{float(value):.6g}")\n\n\ndef money',
        ("tests/quickbooks/test_mapping_properties.py",),
    ),
    Breach(
        CENT,
        "a balance is a cent off",
        "integrations/pulling/invoice_writes.py",
        '"balance": Decimal(0) if record.voided else record.balance,',
        '"balance": Decimal(0) if record.voided else record.balance + Decimal("0.01"),',
        (f"{ENGINE}/test_pull.py::test_r13_invoice_with_payment_void_and_deletion",),
    ),
    Breach(
        SECRET,
        "tokens are stored in clear",
        "integrations/crypto.py",
        "return encrypt(value) if value else value",
        "return value",
        (
            f"{CONNECTION}/test_connecting.py"
            "::test_nothing_readable_of_tokens_or_realm_is_in_the_database",
        ),
    ),
    Breach(
        SECRET,
        "a refresh is logged with what it brought",
        "integrations/tokens.py",
        'logger.info("Refreshed the tokens of connection %s", connection.pk)',
        'logger.info("Refreshed the tokens of connection %s", fresh.access_token)',
        (f"{CONNECTION}/test_secrets.py",),
    ),
    Breach(
        STAFF,
        "whoever is signed in may press",
        "integrations/permissions.py",
        "if not is_admin(request):",
        "if not request.user.is_authenticated:",
        (f"{CONNECTION}/test_permissions.py::test_staff_are_refused_everywhere",),
    ),
    Breach(
        ONE_BAD,
        "a row that the database refuses costs its page",
        "integrations/pulling/apply.py",
        "        work.back_to(kept)\n        if len(records) == 1:",
        "        raise\n        if len(records) == 1:",
        (f"{BAD_ROWS}::test_what_the_database_refuses_costs_its_row_and_not_the_page",),
    ),
    Breach(
        ONE_BAD,
        "a page with 4002 is not halved",
        "integrations/pulling/pages.py",
        "    except (faults.UnreadablePage, faults.UnexpectedAnswer) as exc:\n",
        "    except faults.UnexpectedAnswer as exc:\n",
        (
            f"{BAD_ROWS}"
            "::test_invoice_whose_address_fails_the_page_is_set_aside_and_the_others_come",
        ),
    ),
    Breach(
        ONE_BAD,
        "a page that is no JSON is not halved",
        "integrations/pulling/pages.py",
        "    except (faults.UnreadablePage, faults.UnexpectedAnswer) as exc:\n",
        "    except faults.UnreadablePage as exc:\n",
        (f"{BAD_ROWS}::test_row_that_makes_its_page_no_json_is_set_aside_and_the_others_come",),
    ),
    Breach(
        NOT_LOST,
        "an invoice whose customer has no address is dropped",
        "integrations/pulling/invoices.py",
        "            skipped.append(_parked(record))\n",
        "            continue\n",
        (
            f"{ENGINE}/test_import.py"
            "::test_r6_customer_without_email_is_listed_and_comes_in_once_an_address_appears",
        ),
    ),
    Breach(
        NOT_LOST,
        "the tokens of a refresh are used before they are kept",
        "integrations/tokens.py",
        "    if _keep(connection, spent, fresh):\n",
        "    if fresh.access_token:\n",
        (
            f"{CONNECTION}/test_tokens.py"
            "::test_the_new_refresh_token_is_committed_before_the_access_token_is_used",
        ),
    ),
    Breach(
        ONE_HOLDER,
        "a holder that was overtaken may commit",
        "integrations/leases.py",
        "        if row != (self.fence, self.owner):\n",
        "        if row is None:\n",
        (f"{ENGINE}/test_concurrency.py::test_holder_whose_lease_ran_out_commits_nothing",),
    ),
    Breach(
        ONE_HOLDER,
        "a lease that is held is taken",
        "integrations/leases.py",
        '        " WHERE lease.until IS NULL OR lease.until <= clock_timestamp()"\n',
        '        " WHERE true"\n',
        (f"{CONNECTION}/test_leases.py",),
    ),
    Breach(
        ONE_HOLDER,
        "whoever waited for a refresh makes another one",
        "integrations/tokens.py",
        "        if connection.access_token != used_token:\n",
        "        if False:\n",
        (f"{CONNECTION}/test_tokens.py::test_many_threads_with_one_dead_token_make_one_refresh",),
    ),
    Breach(
        ONE_HOLDER,
        "a copy on another address uses the token",
        "integrations/session.py",
        "    if not connection.at_home:\n",
        "    if False:\n",
        (f"{CONNECTION}/test_tokens.py::test_r21_a_copy_of_the_database_spends_no_token",),
    ),
    Breach(
        STRANGER,
        "whatever is signed somehow is believed",
        "integrations/quickbooks/webhooks.py",
        "    return hmac.compare_digest(expected, claimed)\n",
        "    return True\n",
        (
            f"{CONNECTION}/test_webhooks.py"
            "::test_a_wrong_signature_gets_401_and_leaves_a_count_only",
        ),
    ),
)
