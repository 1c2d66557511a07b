"""The command `crs`, one module per subcommand."""
