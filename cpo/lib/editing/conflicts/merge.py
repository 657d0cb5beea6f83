"""What two people did to one page, put together: three-way, field by field and row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Texts = dict[str, list[str]]  # fields of a form or of a row, as their inputs hold them; an empty list is a blank
Content = dict[str, Texts]  # "" or the prefix of a form → its fields; "prefix/identity" → those of a row
Place = tuple[str, str]  # key in a Content, name of the field; no name: the whole row


@dataclass
class Merged:
    """`content` is what the form shows next; `asked` was changed by both; `gone` are rows that it shows as removed."""

    content: Content = field(default_factory=dict)
    asked: list[Place] = field(default_factory=list)
    taken: list[Place] = field(default_factory=list)
    kept: list[Place] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)


def merge(
    before: Content | None, theirs: Content, mine: Content, *, grids: Mapping[str, Iterable[str]] | None = None
) -> Merged:
    """Three-way. Without `before`, nobody knows who changed what: all that differs is asked.

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
                    merged.taken.append((key, name))
                else:
                    value = my[name]
                    same = before is not None and their[name] == first
                    (merged.kept if same else merged.asked).append((key, name))
            merged.content[key][name] = value
    _drop_repeated(merged, theirs)
    return merged


def _drop_repeated(merged: Merged, theirs: Content) -> None:
    """A row that I add and that was just added word for word: the same form sent twice adds it once."""
    new = [theirs[key] for key, name in merged.taken if not name and key in theirs]
    for place in [place for place in merged.kept if not place[1] and place[0] in merged.content]:
        mine = merged.content[place[0]]
        if any(all(row.get(name) == values for name, values in mine.items() if values) for row in new):
            del merged.content[place[0]]
            merged.kept.remove(place)


def _merge_row(merged: Merged, key: str, known: bool, old: Texts | None, their: Texts | None, my: Texts | None) -> None:
    """A row that one side has and the other has not: added or removed, unless the other changed it meanwhile."""
    there = their if their is not None else my
    assert there is not None  # noqa: S101  one of the two has it
    unchanged = old is not None and all(there.get(name, []) == old.get(name, []) for name in there.keys() & old.keys())
    added = known and old is None
    place = (key, "")
    if added:
        merged.content[key] = there
        (merged.taken if my is None else merged.kept).append(place)
    elif known and unchanged:
        (merged.kept if my is None else merged.taken).append(place)
    else:
        merged.content[key] = there
        merged.asked.append(place)
        if my is None:
            merged.gone.add(key)
