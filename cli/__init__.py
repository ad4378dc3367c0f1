"""The front door: `clipwire`. Composes everything on one machine; may import all the rest."""
