"""Panes of the DEX desk."""
