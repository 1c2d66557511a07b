"""What a venue's dialect has to be: of its streams and of its REST, with what it lists and charges."""
