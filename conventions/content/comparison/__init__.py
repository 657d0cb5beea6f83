"""Differences between two contents of an act, computed; live tables are not touched."""

from cpo.lib.wording.words import Piece

from .contents import Comparison, compare

__all__ = ["Comparison", "Piece", "compare"]
