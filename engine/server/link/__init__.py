"""The exchange in one process, gateways in others: events out, requests in, over Redis Streams.

Streams of a shard: `crs:<shard>:events` (batches in order, each with the writer's epoch and a number, trimmed),
`crs:<shard>:requests` (one consumer group, read by the writer), and one stream of replies for each gateway. Redis
keeps nothing that counts: an acknowledged order is in the journal, a reply that is lost is asked for again under the
same order id, and a gateway that missed events starts over from snapshots.
"""
