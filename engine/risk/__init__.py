"""What may be sent before it is sent: limits and the kill switch."""
