"""Halls: the market of each upstream exchange as a part of this server, with its own accounts, under its own path."""
