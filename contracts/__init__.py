"""What is said on the bus: subjects, the events and commands they carry, and their value types. Imports only pydantic."""
