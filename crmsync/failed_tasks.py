"""What is kept of a task that failed."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django_q.signals import post_execute_in_worker

from crmsync.logs import without_words


@receiver(post_execute_in_worker, dispatch_uid="crmsync.forget_words_of_failure")
def forget_words_of_failure(task: dict[str, Any], **_: Any) -> None:
    """The queue logs and stores a failure's traceback: its places are kept, not its words."""
    if not task.get("success", True):
        task["result"] = without_words(str(task.get("result", ""))) or "failed"
