"""What documents draw beyond wording: tables of annexes, fiches. Pure functions of a version's content."""
