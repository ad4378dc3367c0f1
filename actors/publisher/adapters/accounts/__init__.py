"""Accounts and their tokens: kept encrypted, renewed ahead, connected and removed for the doors that ask."""
