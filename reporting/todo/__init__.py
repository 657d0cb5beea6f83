"""« À faire »: what each person must do, and what they wait for."""
