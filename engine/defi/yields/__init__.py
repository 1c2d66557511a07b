"""What liquidity, stakes and farms earn and risk: estimates in float64, contracts' own sums in integers."""
