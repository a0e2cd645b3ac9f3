"""The right device only: random fleets whose devices change hands, are enrolled anew or disenrolled at any moment
between plan and send, and every call that destroys something judged by what Hexnode held at that moment.

`python -m tests.wrong_device --examples N` plays many; `tests/journeys/test_wrong_device.py` plays a few.
"""
