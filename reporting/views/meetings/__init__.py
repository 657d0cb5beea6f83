"""Pages of the meetings of a convention: list, one meeting, minutes, decisions, signature, conclusion."""
