"""Chain files as the world saves them, read without trust: bytes in, one frozen :class:`~plugins.chainfiles.model.ChainFile` out."""
