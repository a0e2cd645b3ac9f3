"""Mass mistakes of an IdP: whole companies are deactivated, emptied or deleted, and nothing is destroyed before a
person has said so.

`python -m tests.mistakes` plays one of them with 10,000 people; `tests/journeys/test_mass_mistakes.py` plays all of
them with few.
"""
