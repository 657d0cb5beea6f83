"""HTML to PDF and DOCX, and the identification printed on every page."""
