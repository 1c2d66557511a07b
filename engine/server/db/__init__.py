"""The server's own tables: users, sessions, keys and the security log; SQLite in the data directory, or PostgreSQL."""
