"""Three-way merge of two people's changes to one page, field by field and row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Texts = dict[str, list[str]]  # fields of a form or of a row, as their inputs hold them; an empty list is a blank
Content = dict[str, Texts]  # "" or the prefix of a form → its fields; "prefix/identity" → those of a row
FieldPath = tuple[str, str]  # key in a Content, name of the field; no name: the whole row


@dataclass
class Merged:
    """The result of a merge.

    `content` is the next content of the form. Fields that both changed are `conflicting`; fields that only the other
    person changed are `theirs_only`, those that only this person changed `mine_only`. `removed_rows` are the rows that
    the form shows as removed.
    """

    content: Content = field(default_factory=dict)
    conflicting: list[FieldPath] = field(default_factory=list)
    theirs_only: list[FieldPath] = field(default_factory=list)
    mine_only: list[FieldPath] = field(default_factory=list)
    removed_rows: set[str] = field(default_factory=set)


def merge(
    before: Content | None, theirs: Content, mine: Content, *, grids: Mapping[str, Iterable[str]] | None = None
) -> Merged:
    """Merge both contents. Without `before`, all that differs is conflicting: nothing tells who changed it.

    `grids`: by prefix, the fields that name a row of a grid, where a missing row and a blank one are the same.
    """
    merged = Merged()
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        old, their, my = (before or {}).get(key), theirs.get(key), mine.get(key)
        naming = (grids or {}).get(key.partition("/")[0])
        if naming is not None:
            like = their if their is not None else my
            blank = {name: values if name in naming else [] for name, values in (like or {}).items()}
            their, my = their if their is not None else blank, my if my is not None else blank
        if their is None or my is None:
            _merge_row(merged, key, before is not None, old, their, my)
            continue
        merged.content[key] = {}
        for name in [*their, *(name for name in my if name not in their)]:
            value = their.get(name, my.get(name, []))
            if name in their and name in my and their[name] != my[name]:
                first = (old or {}).get(name, [])
                if before is not None and my[name] == first:
                    merged.theirs_only.append((key, name))
                else:
                    value = my[name]
                    same = before is not None and their[name] == first
                    (merged.mine_only if same else merged.conflicting).append((key, name))
            merged.content[key][name] = value
    _drop_repeated(merged, theirs)
    return merged


def _drop_repeated(merged: Merged, theirs: Content) -> None:
    """Drop an added row that was just saved word for word: the same form sent twice adds it once."""
    new = [theirs[key] for key, name in merged.theirs_only if not name and key in theirs]
    for path in [path for path in merged.mine_only if not path[1] and path[0] in merged.content]:
        mine = merged.content[path[0]]
        if any(all(row.get(name) == values for name, values in mine.items() if values) for row in new):
            del merged.content[path[0]]
            merged.mine_only.remove(path)


def _merge_row(
    merged: Merged, key: str, has_before: bool, old: Texts | None, their: Texts | None, my: Texts | None
) -> None:
    """Merge a row that only one side has: it was added or removed, unless the other side changed it meanwhile."""
    row = their if their is not None else my
    assert row is not None  # noqa: S101  one of the two has it
    unchanged = old is not None and all(row.get(name, []) == old.get(name, []) for name in row.keys() & old.keys())
    added = has_before and old is None
    path = (key, "")
    if added:
        merged.content[key] = row
        (merged.theirs_only if my is None else merged.mine_only).append(path)
    elif has_before and unchanged:
        (merged.mine_only if my is None else merged.theirs_only).append(path)
    else:
        merged.content[key] = row
        merged.conflicting.append(path)
        if my is None:
            merged.removed_rows.add(key)
