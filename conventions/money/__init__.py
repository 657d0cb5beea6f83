"""What the money of a convention adds up to."""
