"""Running PostgreSQL's programs without being root, which they refuse to be."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Only made and used where the project is run as root.
USER = "pgserver"
READ_EVERYTHING = "dac_read_search"


class UnprivilegedError(Exception):
    """A program cannot be run for us by somebody who is not root; the message says what to do."""


@dataclass(frozen=True)
class Unprivileged:
    """How to start a program as an ordinary user: ourselves, or `pgserver` where we are root.

    Nobody's folders are opened up for that. Where a parent folder is closed to others (a checkout
    under /root or in a private temporary folder), the program gets the one Linux capability that
    lets it walk through, and what it writes lies in folders of its own.
    """

    owner: pwd.struct_passwd | None = None
    prefix: tuple[str, ...] = ()
    process_options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def reaching(cls, *folders: Path) -> Unprivileged:
        """The way to run programs that use these folders; raises UnprivilegedError."""
        if os.geteuid() != 0:
            return cls()
        owner = _user()
        closed = [path for folder in folders for path in _closed_folders(folder)]
        if not closed:
            options = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            return cls(owner, process_options=options)
        setpriv = shutil.which("setpriv")
        capability = f"+{READ_EVERYTHING}"
        prefix = (
            *(str(setpriv), f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"),
            *(f"--inh-caps={capability}", f"--ambient-caps={capability}"),
            # Else access(2), with which PostgreSQL looks at its programs, ignores capabilities.
            "--securebits=+no_setuid_fixup",
            # The capability counts from the next program on: env is reachable, ours may not be.
            "/usr/bin/env",
        )
        works = setpriv and subprocess.run(  # noqa: S603
            [*prefix, "test", "-x", str(folders[-1])], check=False, capture_output=True
        )
        if not works or works.returncode != 0:
            raise UnprivilegedError(
                f"PostgreSQL does not run as root, and as the user {USER} it cannot enter "
                f"{closed[0]}. Run the project as an ordinary user, move it out of that folder, "
                f"allow entering it (chmod o+x {closed[0]}), or set DATABASE_URL."
            )
        return cls(owner, prefix=prefix)

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs `arguments` this way."""
        return [*self.prefix, *arguments]

    def make_folder(self, path: Path) -> None:
        """Make the folder so that the program, and besides root nobody else, can use it."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        wanted = self.owner.pw_uid if self.owner else os.geteuid()
        if path.stat().st_uid not in {wanted, os.geteuid()}:
            raise UnprivilegedError(f"{path} belongs to another user of this machine.")
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        path.chmod(0o700)

    def remove_folder(self, path: Path) -> None:
        """Remove the folder and what is in it, if it exists."""
        if path.exists():
            shutil.rmtree(path)


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd")
    if useradd is None:
        raise UnprivilegedError(
            f"PostgreSQL does not run as root, and there is no user {USER} and no useradd to make "
            "one. Run the project as an ordinary user, or set DATABASE_URL."
        )
    # Another process may be making it at the same moment, so only the outcome counts.
    made = subprocess.run(  # noqa: S603
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER],
        check=False,
        capture_output=True,
        text=True,
    )
    try:
        return pwd.getpwnam(USER)
    except KeyError as error:
        raise UnprivilegedError(f"useradd {USER} failed: {made.stderr.strip()}") from error


def _closed_folders(folder: Path) -> list[Path]:
    chain = [folder, *folder.resolve().parents]
    return [path for path in chain if path.exists() and not path.stat().st_mode & stat.S_IXOTH]
