"""Dialogs and bars about servers: where one trades, signing in, security of an account."""
