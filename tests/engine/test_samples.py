"""Every sample company of the emulator, judged by its raw store against the CSV exports."""

from __future__ import annotations

import pytest

from integrations.models import Run
from tests.engine import agreement
from tests.engine.world import World
from tests.signing_in import sign_in


@pytest.fixture
def samples(emulator, admin):
    """The realms by name; a company's age and country decide the shapes of its records."""
    emulator.reset(samples=True)
    return {each["name"]: each["realm"] for each in emulator.control("GET", "companies")}


@pytest.mark.parametrize("place", range(5))
def test_sample_company_agrees_after_import_and_with_new_invoices(
    samples, emulator, admin, client, place
):
    realm = sorted(samples.values())[place]
    world = World.__new__(World)
    world.emulator, world.admin, world.realm = emulator, admin, realm
    sign_in(client, admin)
    world.connect()
    world.work()
    assert Run.objects.latest("pk").status == Run.Status.DONE

    store = emulator.store(realm)
    agreement.assert_contacts_agree(client, store)
    agreement.assert_products_agree(client, store)
    agreement.assert_invoices_agree(client, store)

    emulator.generate(realm, customers=20, items=5, invoices=25)
    world.pull()
    store = emulator.store(realm)
    welcome = agreement.welcome_customers(store)
    mine = {
        each["Id"]
        for each in store["Invoice"]
        if each.get("DocNumber", "").startswith("G") and each["CustomerRef"]["value"] in welcome
    }
    agreement.assert_invoices_agree(client, store, since=mine)
    agreement.assert_lines_agree(client, store, since=mine)
