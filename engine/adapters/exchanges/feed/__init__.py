"""A venue's market as a feed: pairs that are followed, healed when something is missing, told in order."""
