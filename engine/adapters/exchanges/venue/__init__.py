"""One venue as a whole: what is known of it beforehand, the connection to it, how it stands, its past."""
