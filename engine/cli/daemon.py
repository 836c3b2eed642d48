"""`optix daemon`: the engine without a face, on the local socket, until it is told to end."""

from engine.cli.session import Feed, Seed, Speed, Start, feed_options


def daemon(feed: Feed = None, seed: Seed = None, start: Start = None, speed: Speed = None) -> None:
    """Hosts the data folder's engine headless; terminals and commands attach to it. Ends with Ctrl+C or SIGTERM."""
    from engine.api import serve

    serve(feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
