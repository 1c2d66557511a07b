"""Reusable widgets: they know numbers and keys, not the trade."""
