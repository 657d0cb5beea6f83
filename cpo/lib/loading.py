"""Load reference data: create the rows that are missing, never overwrite a row edited in the application.

Each application has a `loading.py` whose `load()` returns the number of rows created. A row is identified by its
natural key: an existing row stays as it is, even when the file differs.
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
def _parse(file: Path, mtime: int) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe


def read_yaml(name: str) -> Any:
    """Return the content of a YAML file of `fixtures/reference`; it is parsed again only when it changes."""
    file = path(name)
    return _parse(file, file.stat().st_mtime_ns)


def create_missing(model: type[M], key: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> list[M]:
    """Create the rows whose natural key is not in the table yet; return them with their primary keys.

    `key` contains column names (a foreign key by its `_id`), so that no related row is read.
    """
    key = tuple(key)
    existing = set(model._default_manager.values_list(*key))
    missing = [row for row in rows if tuple(row[name] for name in key) not in existing]
    return model._default_manager.bulk_create([model(**row) for row in missing])
