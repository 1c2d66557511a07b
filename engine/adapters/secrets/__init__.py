"""Where secrets are kept: the system's keyring, else a file that a passphrase opens, else nowhere.

keyring   the keyring of the operating system, where it has one that encrypts
vault     an encrypted file, for machines without
memory    nothing is kept: what somebody chooses who wants neither
choice    which of them it is on this machine
"""
