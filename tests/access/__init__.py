"""Check who may open and send what: the walk asks for every address and compares the answers with a written table."""
