"""The functions of the workstation by subject: what each is called, says of itself, and which keys it has."""
