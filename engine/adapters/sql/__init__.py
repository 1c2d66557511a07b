"""The database of a profile: journal, projections, migrations."""
