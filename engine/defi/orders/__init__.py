"""Orders that this program carries out itself while it runs: at a price, or by the clock."""
