"""A venue on this machine: REST and sockets in the wire format of each exchange, with faults on demand.

    Source ── Told ──▶ Stage (time) ──▶ Market (books, prints, bars)
                                          ├──▶ Session of a socket ── Frame ──▶ faults ──▶ wire
                                          └──▶ RestDesk of a venue ── Answer ──▶ wire

What comes from a capture, a recording or the simulated market is put into the words of `heard` first (names are ours:
BTC/USDT), so that anything can be served as any venue. It is for tests and for development: it trades nothing.
"""
