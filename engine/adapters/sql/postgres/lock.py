"""Keys of advisory locks that are not a writer's."""

LOCK = 0x6372_735F_6D69_6772
"""Held while tables are made or changed (`crs_migr`): two programs that start at once do it one after another."""
