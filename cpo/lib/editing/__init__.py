"""What is typed, saved, and merged when two people save the same page."""
