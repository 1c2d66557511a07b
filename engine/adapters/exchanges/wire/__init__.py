"""What venues say, in one set of words, and the texts it is told in. Knows no venue, no pair's grid, no connection."""
