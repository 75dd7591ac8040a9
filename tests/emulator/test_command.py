from __future__ import annotations

from integrations.emulator.management.commands.emulator import Command


def test_its_books_lie_with_the_other_data_of_the_installation(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    chosen = Command().create_parser("manage.py", "emulator").parse_args([])
    assert chosen.store == str(tmp_path / "emulator" / "store.sqlite3")
