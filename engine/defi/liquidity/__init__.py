"""Adding liquidity to pools and taking it out again: what it takes, what it gives, and the intents for it."""
