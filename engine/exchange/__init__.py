"""The paper exchange: accounts + matching + fees + risk gate = `Exchange.handle(command, now) -> events`."""
