"""Webhooks: other programs are told what happens, and tell us; in the schema `hooks` of PostgreSQL."""
