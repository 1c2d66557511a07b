"""Recordings as they are shown: what is being recorded, and what there is to be played."""
