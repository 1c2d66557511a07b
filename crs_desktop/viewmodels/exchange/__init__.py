"""Public exchanges on the screen: which can be chosen, how far their books are trusted, which pairs are followed."""
