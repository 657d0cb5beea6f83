"""From a version to a document: printed, stored, listed, recognised."""
