"""The text of an act: national model, variables and their values, restricted Markdown."""
