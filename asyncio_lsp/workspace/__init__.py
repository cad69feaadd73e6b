"""Which Python a file has to work on, from the files around it."""
