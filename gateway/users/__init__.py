"""Users: who asks, what they may do, and how they prove it; in the schema `users` of PostgreSQL."""
