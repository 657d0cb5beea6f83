"""Acts after the first: how they open, which text is in force on a day, how open acts take over a signed text."""
