"""A report as XLSX workbooks: « où en est-on », and the report itself, which comes back."""
