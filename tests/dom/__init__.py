"""Are two sets of templates the same pages? Every page of the walk is drawn with both, and its elements compared."""
