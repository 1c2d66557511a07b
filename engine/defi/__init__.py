"""Decentralised finance as pure integers and words: pools, routes, yields. No I/O, no clock, no web3."""
