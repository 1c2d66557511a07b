"""The desktop: a window over the engine. View-models decide, panes show, `app` starts."""
