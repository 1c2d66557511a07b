"""Async use cases over the ports: what the fronts call. No Qt, no SQL, no sockets here."""
