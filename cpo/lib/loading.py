"""Load reference data: files give what is missing, and never overwrite what was edited in the application.

Each app has its own `reference.py`, with a `load()` that answers how many rows it created. A row is known by its
natural key: present, it is left as it is, even when the file says otherwise.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings
from django.db import models

M = TypeVar("M", bound=models.Model)


def path(name: str) -> Path:
    return Path(settings.FIXTURE_ROOT) / "reference" / name


@cache
def _parse(file: Path, changed: int) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe


def read(name: str) -> Any:
    """Return the content of a YAML file of `fixtures/reference`, read once as long as it doesn't change."""
    file = path(name)
    return _parse(file, file.stat().st_mtime_ns)


def create_missing(model: type[M], key: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> list[M]:
    """Create the rows whose natural key is not in the table yet; return them, with their primary keys.

    `key` names columns (a foreign key by its `_id`), so that no related row is fetched.
    """
    key = tuple(key)
    known = set(model._default_manager.values_list(*key))
    missing = [row for row in rows if tuple(row[name] for name in key) not in known]
    return model._default_manager.bulk_create([model(**row) for row in missing])
