"""The sums of the money of a convention."""
