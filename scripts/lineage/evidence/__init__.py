"""What is on record -> what it says: scores, positions, error rates, findings, and the facts that pages print."""
