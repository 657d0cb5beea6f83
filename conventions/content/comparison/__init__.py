"""The differences between two contents of an act. No table is read."""

from cpo.lib.wording.words import Piece

from .contents import Comparison, compare

__all__ = ["Comparison", "Piece", "compare"]
