"""Chains as this machine reaches them: JSON-RPC over HTTP, by endpoints that are the user's.

endpoint    an address of a node, and what of it may be shown
wire        numbers, bytes, blocks and logs as JSON-RPC writes them
refusal     what a node means by an error
node        one endpoint: its pace, its rests, its batches
pool        several that stand in for each other, checked to be of one chain
batcher     calls of one turn of the loop, sent together
client      the `ChainClient` of `ports.chain`
multicall   many reads of one block in one call
aggregate   how that call is coded
spans       logs of long spans, in pieces
simulating  `eth_simulateV1`
checks      whether the contracts are what they were given out to be
rpc         `connect`, which puts these together
"""
