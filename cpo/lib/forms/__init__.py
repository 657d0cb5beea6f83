"""Base classes of every form, and fields for French numbers and dates."""
