"""What must hold whatever goes wrong, and whenever: the fault table and the random histories."""
