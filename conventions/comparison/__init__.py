"""Differences between two contents of an act, computed and never stored; live tables are not touched."""

from cpo.lib.words import Piece

from .contents import Comparison, compare, count_changes

__all__ = ["Comparison", "Piece", "compare", "count_changes"]
