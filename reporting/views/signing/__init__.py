"""The pages that sign a paper of the year (minutes, compte rendu financier) in the three ways of an act."""
