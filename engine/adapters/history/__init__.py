"""Bars of public exchanges on the disk: fetched once, kept as whole numbers, with what the venue itself lacks."""
