"""The fault matrix of offboarding: every action, met by every failure, at devices online and offline, with rows of
action status that can be read, that cannot, and that are missing. In simulated time, and the simulator's ledger judges.

`python -m tests.matrix` plays all of it and prints a table; `test_matrix` plays a part.
"""
