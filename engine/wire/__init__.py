"""What travels between a CRS server and its clients: the shapes of bodies, answers and stream messages.

msgspec structs without behaviour, read by both sides. Amounts are decimal strings, instants UTC milliseconds
(`…_ms`), symbols `BASE/QUOTE`. Unknown fields are ignored, so an old client understands a newer server; what a
server refuses it says as a `Problem`.
"""
