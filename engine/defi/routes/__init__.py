"""Where a swap should go: the best path through pools, and the best division over several.

Pure integers and words. Tokens are addresses, amounts are in smallest units, pools are values (`engine.defi.pools`).
Floats only ever decide what is looked at; every amount that is returned was computed by the pools' exact arithmetic.
"""
