"""The database that every worker begins with, made once: migrated, with the reference data, kept between runs.

What the making reads is written down beside it: a file that changed, came or went makes it again. So it is never older
than the code. Run as a script in a process of its own, so that nothing but the making is read.
"""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "cpo_template"
LEFT_OUT = {".venv", "__pycache__", ".git"}
# What is installed is known by the frozen list; the root's own list of names changes with the caches of the tools.
ALWAYS = ("requirements/dev.txt", "tests/cluster.py", "tests/reference.py", "tests/template.py", "cpo/dev/embedded.py")


def up_to_date(folder: Path) -> bool:
    """Whether what the template was made from is still the same."""
    try:
        made_from = json.loads((folder / "made_from.json").read_text())
    except (OSError, ValueError):
        return False
    return bool(made_from == states(made_from))


def make(url: str) -> str:
    """In that empty cluster, in a process of its own, which tells what it was made from."""
    command = [sys.executable, "-m", "tests.template"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def write(folder: Path, made_from: str) -> None:
    (folder / "made_from.json").write_text(made_from)


def states(paths: Iterable[str]) -> dict[str, str]:
    return {path: _environment() if path == "environment" else _state(ROOT / path) for path in paths}


def _state(path: Path) -> str:
    """The content of a file, the names in a folder."""
    try:
        if path.is_dir():
            content = "\n".join(sorted(name for name in os.listdir(path) if name not in LEFT_OUT)).encode()
        else:
            content = path.read_bytes()
    except OSError:
        return "absent"
    return hashlib.sha256(content).hexdigest()


def _environment() -> str:
    return f"{sys.version} {sysconfig.get_platform()}"


class Seen:
    """Every file of the project that this process reads from now on, every folder that it lists."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        sys.addaudithook(self._event)

    def _event(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str):
            self.paths.add(arguments[0])

    def of_the_project(self) -> list[str]:
        modules = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        found = {Path(os.path.abspath(path)) for path in self.paths | {path for path in modules if path}}
        inside = [path.relative_to(ROOT) for path in found if ROOT in path.parents]
        return sorted({str(path) for path in inside if not LEFT_OUT & set(path.parts)} | set(ALWAYS) | {"environment"})


def _build() -> str:
    seen = Seen()
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{NAME}"')
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = NAME
    call_command("migrate", verbosity=0, interactive=False)
    from tests import reference

    reference.load()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
    connection.close()
    return json.dumps(states(seen.of_the_project()), indent=1)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "cpo.settings.test"
    sys.stdout.write(_build())
