"""Decentralised finance as pure integers and words: pools, routes, yields, what is signed. No I/O, no clock, no web3."""
