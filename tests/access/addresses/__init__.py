"""All blocks of the walk. Each part of the site has one file here, and a file of the same name in the table."""

from . import (
    association,
    controls,
    conventions,
    ending,
    evaluation,
    later,
    letters,
    meetings,
    negotiation,
    payments,
    people,
    programme,
    reference,
    reports,
    site,
)
from .base import Block, names

FILES = {
    "site": site,
    "people": people,
    "association": association,
    "reference": reference,
    "conventions": conventions,
    "negotiation": negotiation,
    "later": later,
    "ending": ending,
    "programme": programme,
    "reports": reports,
    "meetings": meetings,
    "payments": payments,
    "controls": controls,
    "letters": letters,
    "evaluation": evaluation,
}
BLOCKS: dict[str, Block] = {name: block for module in FILES.values() for name, block in module.BLOCKS.items()}

__all__ = ["BLOCKS", "FILES", "Block", "names"]
