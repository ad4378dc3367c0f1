"""The outside of the publisher: platforms, accounts, the bus, and what a post is put together from."""
