"""French wording: amounts, dates, typography, accents, and word-by-word comparison."""
