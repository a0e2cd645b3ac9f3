"""The Hexnode client against small hand-written servers on loopback."""
