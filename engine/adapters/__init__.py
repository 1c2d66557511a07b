"""What touches the world: databases, the embedded exchange, the network."""
