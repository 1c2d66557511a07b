"""Kraken: its WebSocket interface 2, interface 1 (older captures are of it), and the public answers of REST."""
