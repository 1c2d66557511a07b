"""Bitstamp: diffs of whole books with times in microseconds, and prints."""
