"""The words of the trade: values, commands and events. No I/O, no clock, no randomness."""
