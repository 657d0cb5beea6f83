"""Drafts, saving, and the merge when two people save the same page."""
