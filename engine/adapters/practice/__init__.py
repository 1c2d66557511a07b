"""The practice chain: a local EVM with real contracts in a process of its own, spoken to by JSON-RPC.

`process` starts the worker and is all that others need; `host` is what runs in it. Nothing here is imported before a
practice chain is opened. The EVM is py-evm; contracts and pools come from `deploy`.
"""
