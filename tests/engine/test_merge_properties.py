"""The three-way merge, whatever the values: nothing is lost without a trace (R10)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations import merge

NAMES = ("first_name", "email", "unit_price", "active")
#: Few values, so that equal ones meet often; an empty one, an absent one and a false one.
values = st.sampled_from(["", "a", "b", "c", None, False])
records = st.fixed_dictionaries(dict.fromkeys(NAMES, values))
some = st.sets(st.sampled_from(NAMES))


@given(base=records, here=records, there=records, apart=some)
def test_r10_merge_takes_what_changed_there_and_names_what_gave_way(base, here, there, apart):
    merged = merge.three_way(base, here, there, sorted(apart))
    after = here | merged.take
    for name in NAMES:
        if there[name] != base[name]:
            # QuickBooks wins, and an edit here that gave way is named.
            assert after[name] == there[name]
            lost = here[name] not in (base[name], there[name]) and name not in apart
            assert (name in merged.conflicts) == lost
            if lost:
                assert merged.conflicts[name] == here[name]
        else:
            assert after[name] == here[name]
    # Every overwritten value differs from what replaces it: there is something to note.
    assert all(here[name] != value for name, value in merged.take.items())


@given(base=records, here=records, there=records, apart=some)
def test_r10_merge_is_idempotent_and_what_is_left_is_unsent_or_apart(base, here, there, apart):
    merged = merge.three_way(base, here, there, sorted(apart))
    after = here | merged.take
    again = merge.three_way(there, after, there, merged.apart)
    assert (again.take, again.conflicts, again.apart) == ({}, {}, merged.apart)
    differing = {name for name in NAMES if after[name] != there[name]}
    unsent = merge.unsent(there, after, merged.apart)
    assert unsent | (differing & set(merged.apart)) == differing
    assert not unsent & set(merged.apart)


@given(here=records, there=records)
def test_r7_first_link_takes_what_is_given_and_keeps_the_rest_without_a_base(here, there):
    merged = merge.first_link(here, there)
    after = here | merged.take
    for name in NAMES:
        given_there = there[name] not in ("", None)
        assert after[name] == (there[name] if given_there else here[name])
    # Nothing is to be sent because of a first link.
    assert (
        merge.unsent(there, after, merged.apart)
        - {name for name in NAMES if there[name] != after[name] and after[name] in ("", None)}
        == set()
    )
