from __future__ import annotations

from typing import Any

from django.db import migrations


def schedule_tick(apps: Any, _: Any) -> None:
    """The tick polls and resumes; django-q2 keeps its schedules in the database."""
    schedule = apps.get_model("django_q", "Schedule")
    schedule.objects.get_or_create(
        name="integrations tick",
        defaults={"func": "integrations.tasks.tick", "schedule_type": "I", "minutes": 1},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(schedule_tick, migrations.RunPython.noop)]
