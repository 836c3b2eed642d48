"""What is known now, in memory: each object has one writer, and everybody on the engine's loop may read it."""
