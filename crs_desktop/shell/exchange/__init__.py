"""Windows and dialogs about public exchanges."""
