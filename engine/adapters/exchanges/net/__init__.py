"""Connections to public exchanges: requests within their limits, sockets that stay alive, and their clocks."""
