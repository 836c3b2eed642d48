"""DES: what a security or a contract is."""
