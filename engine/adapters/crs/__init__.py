"""A CRS server as seen from a desktop: its REST, its streams, and both as a venue and a feed.

address   which addresses are taken
failure   why something on the network failed, in a sentence
http      one request and its answer; the server's clock and version
"""
