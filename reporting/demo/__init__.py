"""The demonstration: fictitious people and figures, told through the real services at the dates of the story."""
