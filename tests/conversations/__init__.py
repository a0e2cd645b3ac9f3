"""What IdPs really send, and what we answer: each JSON file is one conversation; test_conversations.py replays them."""
