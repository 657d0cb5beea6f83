"""What follows each transition, in its transaction."""
