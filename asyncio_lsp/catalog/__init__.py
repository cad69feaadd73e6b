"""Step 2 of 4: the name of a symbol becomes the entry that documents it."""
