from __future__ import annotations

import pytest
from django.core import mail as outbox  # noqa: TID251 - reads what was sent

from contacts.services import mail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["ann", "ann@", "ann@example.com\nBcc: eve@example.com", "ann@example.com, eve@example.com"],
)
def test_what_is_no_address_is_told_like_any_mail_that_cannot_be_sent(address):
    person = UserFactory()

    with pytest.raises(mail.UndeliverableError):
        mail.send(
            address, "Hello", "invitation", {"person": person, "invited_by": person, "days": 3}
        )

    assert outbox.outbox == []


def test_a_subject_of_several_lines_is_one_line():
    person = UserFactory()

    mail.send("ann@example.com", "Hello\r\nBcc: eve@example.com", "invitation", {"person": person})

    [sent] = outbox.outbox
    assert sent.message()["Bcc"] is None
    assert sent.subject == "Hello Bcc: eve@example.com"
