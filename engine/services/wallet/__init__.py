"""The wallet: accounts, the one way to a signature, what became of what was sent, balances, prices, allowances."""
