"""Compare two sets of templates: render every page of the walk with both, and compare the elements."""
