"""Talking to one Hexnode portal: the calls we make, the values they give, and the ways they fail.

Imports nothing of ours from outside; the only home of requests (and of urllib3 under it). Knows no database,
no policy, no SCIM.
"""
