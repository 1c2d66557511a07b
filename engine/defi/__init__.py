"""What the contracts of a chain compute, and what a wallet may sign: integers and words, no network and no keys.

Amounts are whole numbers of a token's smallest unit, addresses are EIP-55 text, data is bytes. Only `abi` needs a
library for it, and loads it when it is first asked.
"""
