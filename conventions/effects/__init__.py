"""What follows each transition, in its transaction. One file per subject."""
