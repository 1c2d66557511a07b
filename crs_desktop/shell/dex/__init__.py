"""Dialogs of the DEX desk."""
