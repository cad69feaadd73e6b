"""Step 4 of 4: the answer becomes a message of the Language Server Protocol."""
