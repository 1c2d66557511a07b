"""What each pane knows and decides, in plain Python: nothing here imports Qt, not even indirectly."""
