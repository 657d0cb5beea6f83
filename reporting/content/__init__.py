"""What a report says: tables → JSON (`freeze`), JSON → pages (`reading`), the differences of two sendings."""
