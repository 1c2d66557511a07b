"""View-models of the DEX desk: swaps, orders that the program carries out, liquidity, farms."""
