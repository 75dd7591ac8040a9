from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks.webhooks import signature_is_valid

BODY = b'[{"id":"1"}]'


def signed(body, token):
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()


def test_the_raw_bytes_are_signed():
    header = signed(BODY, "verifier")
    assert signature_is_valid(BODY, header, "verifier")
    assert signature_is_valid(BODY, f" {header} ", "verifier")
    assert not signature_is_valid(BODY + b" ", header, "verifier")
    assert not signature_is_valid(BODY, header, "another")


@pytest.mark.parametrize(
    "header",
    [None, "", "=", "not base64!", "žluť", "AAAA", "A" * 5000, "\x00", signed(BODY, "v")[:-1]],
)
def test_a_broken_header_is_just_wrong(header):
    assert signature_is_valid(BODY, header, "v") is False


def test_without_a_verifier_token_nobody_can_sign():
    assert signature_is_valid(BODY, signed(BODY, ""), "") is False


@given(st.binary(max_size=50), st.text(max_size=60), st.text(max_size=10))
def test_no_header_raises(body, header, token):
    assert signature_is_valid(body, header, token) is False
