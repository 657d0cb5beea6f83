"""« À faire »: what each person has to do, and what they wait for."""
