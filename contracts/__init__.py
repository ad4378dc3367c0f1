"""What is said: subjects, the events and commands they carry, their value types. Imports only pydantic."""
