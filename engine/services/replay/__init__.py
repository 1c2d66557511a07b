"""Trading in the past: a paper account of its own on bars that are replayed, beside everything that is live.

    memory    what the account did, while the replay lasts
    feed      market data up to the replay's present
    bars      bars that something traded in
    prints    none: bars do not know which side took
    venue     where its orders go: the exchange inside the replay
    session   all of it together, and its time

Nothing here is journaled, and nothing here knows the live account.
"""
