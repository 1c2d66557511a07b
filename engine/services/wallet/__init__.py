"""What a wallet does: accounts, the address book, the send pipeline, balances, allowances, history."""
