"""Redis, for several processes that count, block and remember together; none of them stops when it does."""
