"""The simulated portal, tried over real HTTP as a client meets it."""
