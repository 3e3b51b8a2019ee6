"""The floor under revoke-propagation: subscribers that answer each message, and nothing else.

Run as a program: python3 -m harness.fanout SOCKET COUNT. Each of COUNT connections subscribes to `fan` and answers a
message by publishing it to `reply`, as a gateway node acknowledges a revocation.
"""

import selectors
import sys

from .resp import Connection, encode


def main(path, count):
    selector = selectors.DefaultSelector()
    for _ in range(count):
        subscriber, publisher = Connection(path), Connection(path)
        subscriber.call("SUBSCRIBE", "fan")
        selector.register(subscriber.channel, selectors.EVENT_READ, (subscriber, publisher))
    while True:
        for event, _ in selector.select():
            subscriber, publisher = event.data
            publisher.channel.sendall(encode("PUBLISH", "reply", subscriber.read()[2]))
            publisher.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
