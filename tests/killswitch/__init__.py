"""The kill switch: how long from the IdP's 2xx until Hexnode has locked the leaver's devices, behind waiting joiners.

`python -m tests.killswitch` plays it in simulated time with 100,000 joiners waiting, then for real with processes and
HTTP, and prints both tables; `test_killswitch` plays a little of each.
"""
