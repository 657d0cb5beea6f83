"""Acts after the first: what opens them, what they may change, what is in force on a day, what passes between them."""
