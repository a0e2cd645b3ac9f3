"""Two real workers fight for one portal, and the one that drives is stopped with SIGSTOP past the end of its lease and
continued. The simulator's ledger judges: no need is met twice, but by a call that the stopped one had already begun.

`python -m tests.fights --rounds 1000` fights long, `test_fights` a little on both databases.
"""
