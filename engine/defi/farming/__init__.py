"""Contracts that pay rewards for staked tokens: their state as values, what they pay, and the intents to use them."""
