"""Differences between two contents, computed and never stored; live tables are not touched."""

from typing import Any

Content = dict[str, Any]
LISTS = {"articles": "key", "sheets": "key", "parties": "short_name"}


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def count_changes(before: Content, after: Content) -> int:
    """Count what differs: articles, fiches and parties one by one, money and the rest as one element each."""
    count = 0
    for name, key in LISTS.items():
        old, new = _by(before[name], key), _by(after[name], key)
        count += sum(old.get(k) != new.get(k) for k in old.keys() | new.keys())
    for name in ("contributions", "instalments", "structure", "territories", "options", "attachments", "convention"):
        count += before[name] != after[name]
    return count
