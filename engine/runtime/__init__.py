"""The engine put together and reached: in this thread, in a thread of its own, or in another process."""
