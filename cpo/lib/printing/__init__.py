"""HTML to PDF and DOCX, and what every printed page says of itself."""
