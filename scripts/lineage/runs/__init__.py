"""Long work shared among machines."""
