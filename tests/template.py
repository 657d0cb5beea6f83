"""The template database: migrated, with the reference data. It is stored between runs, and each worker copies it.

A list of the files that were read to build it is stored with it. A file that is changed, added or removed causes a new
build, so the template is never older than the code. The build runs in its own process, so that the list has only the
files of the build.
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
# The frozen list tells which packages are installed. The list of names in the root is not compared: caches change it.
ALWAYS = ("requirements/dev.txt", "tests/cluster.py", "tests/reference.py", "tests/template.py", "cpo/dev/embedded.py")


def up_to_date(folder: Path) -> bool:
    """Tell whether the files that the template was built from are unchanged."""
    try:
        made_from = json.loads((folder / "made_from.json").read_text())
    except (OSError, ValueError):
        return False
    return bool(made_from == states(made_from))


def make(url: str) -> str:
    """Build the template in this empty cluster, in another process. Return the JSON list of what it was built from."""
    command = [sys.executable, "-m", "tests.template"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def write(folder: Path, made_from: str) -> None:
    (folder / "made_from.json").write_text(made_from)


def states(paths: Iterable[str]) -> dict[str, str]:
    return {path: _environment() if path == "environment" else _state(ROOT / path) for path in paths}


def _state(path: Path) -> str:
    """The hash of the content of a file, or of the names in a folder."""
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


class FilesRead:
    """Record each file of the project that this process reads, and each folder that it lists."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        sys.addaudithook(self._event)

    def _event(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str):
            self.paths.add(arguments[0])

    def of_the_project(self) -> list[str]:
        modules = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        paths = {Path(os.path.abspath(path)) for path in self.paths | {path for path in modules if path}}
        inside = [path.relative_to(ROOT) for path in paths if ROOT in path.parents]
        return sorted({str(path) for path in inside if not LEFT_OUT & set(path.parts)} | set(ALWAYS) | {"environment"})


def _build() -> str:
    files_read = FilesRead()
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
    return json.dumps(states(files_read.of_the_project()), indent=1)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "cpo.settings.test"
    sys.stdout.write(_build())
