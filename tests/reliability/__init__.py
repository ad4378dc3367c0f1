"""A thousand publications on every platform's stand-in, under faults and kills: `make reliability`."""
