"""Forms of the yearly cycle. A part of a report is one flat form, so that two versions compare field by field."""
