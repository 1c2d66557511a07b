"""Dialogs and panes that are about a server: signing in, security, its figures."""
