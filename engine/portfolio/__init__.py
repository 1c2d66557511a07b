"""Accounts and what they own: locks, folds, the double-entry ledger, positions, equity."""
