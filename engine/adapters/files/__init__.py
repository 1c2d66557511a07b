"""Plain files under the profile."""
