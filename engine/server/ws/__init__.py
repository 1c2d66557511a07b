"""Streams: sockets, the channels they listen to, and what happens to those that do not keep up."""
