"""What the project does when the CRM announces something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django_q.tasks import async_task

from contacts.signals import mail_waiting


@receiver(mail_waiting, dispatch_uid="crmsync.send_waiting_mail")
def send_waiting_mail(**_: Any) -> None:
    """In the transaction that wrote the mail, so that the task exists if the mail does."""
    async_task("crmsync.tasks.send_mail")
