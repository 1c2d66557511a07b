"""One module per pane: widgets that show a view-model and forward keys and clicks to it."""
