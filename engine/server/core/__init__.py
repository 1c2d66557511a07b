"""The exchange behind the gateways: one writer, here or in another process."""
