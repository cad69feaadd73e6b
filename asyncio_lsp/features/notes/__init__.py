"""What a place in the code earns: conditions over syntax and symbols, texts from the content."""
