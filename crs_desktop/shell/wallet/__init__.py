"""Dialogs of the wallet."""
