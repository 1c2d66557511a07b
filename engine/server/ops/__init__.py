"""The second door of a server, for its own machine only: commands and what monitoring reads."""
