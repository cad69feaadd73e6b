"""Step 3 of 4: the entry of a symbol becomes the answer to a question."""
