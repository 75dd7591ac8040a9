"""Both sides compared as a user sees them: the emulator's raw store beside the CSV exports.

Nothing of the engine judges: `agreement` reads neither its mapping nor its tables. Only what must
not be left over is looked for there.
"""

from __future__ import annotations

from contacts.models import FieldChange
from contacts.services.history import CREATED
from integrations.models import CustomerLink, ImportSeen, Reason, Run, SetAside
from tests.engine import agreement
from tests.engine.test_payments import assert_adds_up
from tests.signing_in import signed_in


def differences(
    world, *, invoices=frozenset(), known=frozenset(), alone=frozenset(), items=None, contacts=None
):
    """What is not equal on both sides, in words.

    `invoices`: the ids of those that are to be here; `known`: those customers who had a chance to
    become contacts before they were made inactive; `alone`: addresses of contacts whose customer
    was merged into another one; `items`: the ids of those that were seen while they were active,
    and of those that may have been (`agreement.assert_products_agree`);
    `contacts`: judges them where several customers share an address.
    """
    client = signed_in(world.admin)
    store = world.emulator.store(world.realm)

    def by_address(client, store):
        agreement.assert_contacts_agree(client, store, known=known, alone=alone)

    checks = (
        lambda: (contacts or by_address)(client, store),
        lambda: agreement.assert_products_agree(client, store, seen=items),
        lambda: agreement.assert_invoices_agree(client, store, since=invoices),
        lambda: agreement.assert_lines_agree(client, store, since=invoices),
        lambda: agreement.assert_credits_agree(client, store, since=invoices),
        assert_adds_up,
    )
    return [*filter(None, map(_failure_of, checks)), *_left_over()]


def _failure_of(check):
    try:
        check()
    except AssertionError as failure:
        return str(failure)[:2000] or repr(failure)
    return ""


def _left_over():
    """What a sync that is over must not leave: open work, odd links, a record made twice."""
    found = [f"still running: {run}" for run in Run.objects.filter(status=Run.Status.RUNNING)]
    if ImportSeen.objects.exists():
        found.append("an import's notes are left")
    if (mains := CustomerLink.objects.filter(is_main=True).count()) != _contacts_with_customers():
        found.append(f"{mains} main customers of {_contacts_with_customers()} contacts")
    made = FieldChange.objects.filter(kind="contact", field=CREATED)
    if made.count() != made.values("record_id").distinct().count():
        found.append("a contact's history says twice that it was made")
    unreadable = SetAside.objects.filter(reason=Reason.UNREADABLE)
    found += [f"set aside: {each.kind} {each.external_id} {each.detail}" for each in unreadable]
    return found


def _contacts_with_customers():
    return CustomerLink.objects.filter(gone_at=None).values("contact").distinct().count()
