"""The effects of each transition, in its transaction. One file per subject."""
