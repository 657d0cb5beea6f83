"""How the refusal of a workbook names it: each import has its own words, the limits that refuse have none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from cpo.lib.wording.french import lower_first


@dataclass(frozen=True)
class Kind:
    """How a refusal names a workbook: whose it is, what does not belong to it, and what to start again from."""

    owner: str  # « d’un programme »
    owner_to: str  # « au programme »
    start: str  # « Partez du modèle »


@contextmanager
def named(kind: Kind) -> Iterator[None]:
    """Give a refusal the words of its workbook: the limits that refuse it know no kind."""
    try:
        yield
    except ValidationError as refusal:
        words = {name: getattr(kind, name) for name in ("owner", "owner_to", "start")}
        params = {**words, "start_lower": lower_first(kind.start), **(refusal.params or {})}
        raise ValidationError(refusal.message, code=refusal.code, params=params) from refusal
