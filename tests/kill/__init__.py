"""The real actors, killed at random: nothing is lost, nothing is published twice, no event is there twice."""
