"""How much anybody may ask: rates by tier, trust, blocked addresses."""
