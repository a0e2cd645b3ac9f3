"""The driver killed with SIGKILL in awkward moments; the simulator's ledger then says what was lost or doubled.

`python -m tests.crash --rounds N` runs N random rounds; `test_crash` runs every kind of call once at every point.
"""
