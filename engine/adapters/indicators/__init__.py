"""Processes of our own that compute indicators."""
