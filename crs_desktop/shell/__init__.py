"""The parts of the main window around the panes: bars, docks, keys, layout, messages."""
