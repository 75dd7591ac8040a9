from __future__ import annotations

from typing import Any

from django.db import migrations


def schedule_tick(apps: Any, _: Any) -> None:
    """What waits for its time, or has lost its worker, is looked for every minute."""
    schedule = apps.get_model("django_q", "Schedule")
    schedule.objects.get_or_create(
        name="mail tick",
        defaults={"func": "crmsync.tasks.send_mail", "schedule_type": "I", "minutes": 1},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("crmsync", "0001_cache"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(schedule_tick, migrations.RunPython.noop)]
