from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.mapping.customers import customer_from
from tests.quickbooks import samples


def mapped(**changes):
    return customer_from(samples.encoded(samples.customer(**changes)))


def test_r7_every_synced_field_is_read():
    raw = samples.encoded(samples.customer())
    record = customer_from(raw)
    assert (record.external_id, record.sync_token, record.active) == ("71", 3, True)
    assert record.created_at == datetime(2026, 1, 12, 17, 15, 30, tzinfo=UTC)
    assert record.updated_at == datetime(2026, 7, 3, 23, 40, 2, tzinfo=UTC)
    assert (record.first_name, record.middle_name, record.last_name) == ("Marta", "J.", "Okafor")
    assert (record.display_name, record.company) == ("Okafor Timber", "Okafor Timber Ltd")
    assert record.email == "Marta@Okafor.example"
    assert (record.line1, record.line2, record.line3) == ("12 Harbour Row", "Unit 4", "")
    assert (record.city, record.region, record.postal_code) == ("Port Ellen", "CA", "94001")
    assert (record.country, record.currency) == ("USA", "USD")
    assert (record.parent_id, record.level, record.is_project) == (None, 0, False)
    assert record.raw == raw.decode()


def test_r7_phone_is_never_the_mobile_one():
    assert mapped().phone == "(555) 010-7788"
    row = samples.without(samples.customer(), "PrimaryPhone")
    assert customer_from(samples.encoded(row)).phone == ""


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("a@x.example, b@y.example", "a@x.example"),
        ("a@x.example; b@y.example", "a@x.example"),
        (" ;  A@X.example;", "A@X.example"),
        ("a@x.example b@y.example", "a@x.example"),
        ("n/a, a@x.example", "a@x.example"),
        ('"Lee, Amy" <amy@x.example>, b@y.example', "amy@x.example"),
        ("\u00a0a@x.example\u00a0", "a@x.example"),
        ("amy lee@x.example", ""),
        ("amy lee@x.example, b@y.example", ""),
        ("none", ""),
        ("@", ""),
        ("amy@", ""),
        ("<>@", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_r7_the_first_address_of_a_field_counts(typed, first):
    assert mapped(PrimaryEmailAddr={"Address": typed}).email == first


def test_r6_no_email_is_an_empty_one():
    row = samples.without(samples.customer(), "PrimaryEmailAddr", "GivenName", "CompanyName")
    record = customer_from(samples.encoded(row))
    assert (record.email, record.first_name, record.company) == ("", "", "")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Okafor Timber (deleted)", "Okafor Timber"),
        ("Okafor Timber (deleted 2)", "Okafor Timber"),
        ("Okafor Timber (deleted) (deleted 3)", "Okafor Timber"),
        ("Okafor Timber (Deleted)", "Okafor Timber"),
        ("(deleted)", "(deleted)"),
        ("Okafor (deleted) Timber", "Okafor (deleted) Timber"),
        ("Chase  Tidwell", "Chase  Tidwell"),
        ("1047 S Ocean Blvd", "1047 S Ocean Blvd"),
    ],
)
def test_r7_the_deleted_suffix_never_enters_a_name(sent, kept):
    assert mapped(DisplayName=sent, Active=False).display_name == kept


def test_control_characters_and_hard_blanks_do_not_survive():
    record = mapped(GivenName="\u00a0Ma\u0000rta\u0007 ", FamilyName="O\u00a0Neil\tJr\r\n")
    assert (record.first_name, record.last_name) == ("Marta", "O Neil Jr")


def test_long_values_and_other_scripts_are_kept_whole():
    long = "Ж" * 900 + "👩\u200d🌾"
    assert mapped(CompanyName=long).company == long


def test_an_address_of_an_id_alone_is_empty():
    record = mapped(BillAddr={"Id": "333"})
    assert (record.line1, record.city, record.country) == ("", "", "")


def test_a_sub_customer_names_its_parent_by_id_only():
    record = mapped(Job=True, ParentRef={"value": "12"}, Level=1, DisplayName="Shed")
    assert (record.parent_id, record.level) == ("12", 1)
    assert mapped(ParentRef={"value": "12"}).level == 1


def test_a_missing_active_means_active():
    row = samples.without(samples.customer(), "Active")
    assert customer_from(samples.encoded(row)).active is True


def test_a_record_shows_no_customer_data_in_its_repr():
    assert repr(mapped()) == "CustomerRecord(external_id='71')"


def test_numbers_and_flags_written_as_text_are_read():
    record = read_record("Customer", samples.encoded(samples.customer(Active="false", Level="2")))
    assert (record.active, record.level) == (False, 2)
