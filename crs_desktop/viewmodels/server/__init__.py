"""What the window knows about servers: which there are, signing in, security of an account, how a server is doing."""
