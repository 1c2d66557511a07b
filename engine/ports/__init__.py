"""Doors: Protocols that the services use and the adapters implement. Each promise has a suite in `tests/contract`."""
