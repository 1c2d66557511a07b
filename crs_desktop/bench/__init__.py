"""Scenes that are timed: the program's own widgets at the sizes that are demanded of them."""
