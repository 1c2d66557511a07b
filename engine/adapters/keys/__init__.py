"""The keys of a wallet: encrypted files, and the one process that ever holds what is in them.

On the side of the program:
    keyring   `KeyProcess`: what the program asks, in whole acts
    process   starting that process, asking it, ending it
    keyfile   the files under wallet/keys
    idle      when the wallet locks itself, and how long a wrong password makes one wait
On both sides:
    message   what goes through the pipe
In that process, and nowhere else (eth_account and eth_keyfile are loaded there only):
    host      reads questions, writes answers
    custody   holds keys while the wallet is unlocked
    phrase    BIP-39, BIP-44
    seal      the encryption of V3 keystores
    foreign   V3 keystores of other programs
    signing   signs a transaction, and reads it again
"""
