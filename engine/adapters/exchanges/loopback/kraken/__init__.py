"""The loopback as Kraken: interface 2 of its sockets, public requests of `/0/public`."""
