"""The security log: what happened to users, sessions, keys and money, chained so that no line can be changed."""
