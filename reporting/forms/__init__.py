"""Forms of the yearly cycle. A part of a report is one flat form: two versions are compared field by field."""
