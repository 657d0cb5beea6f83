"""Differences between two contents of an act, computed and never stored; live tables are not touched."""

from .contents import Comparison, compare, count_changes
from .words import Piece

__all__ = ["Comparison", "Piece", "compare", "count_changes"]
