"""The demonstration: fictitious people and figures, written by the real services at the dates of each story."""
