"""The panes of the wallet."""
