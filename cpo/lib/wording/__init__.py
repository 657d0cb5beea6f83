"""French: amounts, dates, typography, accents, and words that differ."""
