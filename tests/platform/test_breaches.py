"""What `make chaos ARGS="--part breaking"` breaks on purpose can still be broken."""

from __future__ import annotations

import ast
import re

import pytest

from tests.chaos.breaches import BREACHES
from tests.chaos.breaking import ROOT
from tests.engine import test_inbound_chaos

#: The cases of these tests are the names in a table.
CASES = {
    "test_story_ends_with_both_sides_equal": test_inbound_chaos.STORIES,
    "test_flow_ends_right_once_time_has_passed": test_inbound_chaos.POINTS,
}
NAMED = re.compile(r"(?P<file>[^:]+)(?:::(?P<test>\w+)(?:\[(?P<case>.+)\])?)?")


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.change)
def test_breach_still_applies(breach):
    whole = (ROOT / breach.file).read_text()
    assert whole.count(breach.old) == 1
    # A program that cannot even be read would be noticed by any test.
    ast.parse(whole.replace(breach.old, breach.new))
    assert [name for name in breach.tests if not exists(name)] == []


def exists(name):
    named = NAMED.fullmatch(name)
    file = ROOT / named["file"]
    if not file.is_file() or (named["test"] and named["test"] not in names_in(file)):
        return False
    return not named["case"] or named["case"] in CASES[named["test"]]


def names_in(file):
    return {node.name for node in ast.parse(file.read_text()).body if hasattr(node, "name")}
