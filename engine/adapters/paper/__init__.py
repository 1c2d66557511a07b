"""The embedded paper exchange as a venue and a feed."""
