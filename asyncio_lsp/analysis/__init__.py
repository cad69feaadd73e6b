"""Step 1 of 4: a position in a document becomes the symbol that stands there."""
