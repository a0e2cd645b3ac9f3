"""A Hexnode portal over real HTTP, written from reference/hexnode-api.md alone, for tests, demos and trials.

Lives here: the portal's state and rules, the vendor's paths, the throttle, planned faults, and a ledger of
what took effect. May import flask and werkzeug; nothing of ours, least of all `hexnode`, whose referee it is.
"""
